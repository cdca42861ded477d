/**
 * The style sheet of the page. It needs nothing from outside: system fonts, no images.
 * @module
 */
import { html } from './escape.ts'
import { dark, light, type Palette, tones } from './palette.ts'

const properties = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')

const toneClasses = tones
  .map((tone) => `.${tone}{--tone:var(--${tone});--soft:var(--${tone}-soft);--bar:var(--${tone}-bar)}`)
  .join('\n')

/** The whole style sheet as an element. */
export const styleElement = html`<style>
:root{color-scheme:light dark;${properties(light)}}
@media (prefers-color-scheme:dark){:root{${properties(dark)}}}
${toneClasses}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Ubuntu,"DejaVu Sans",sans-serif;overflow-wrap:break-word}
dd,pre,code,.id,.c-observed,.verdict{overflow-wrap:anywhere}
.nowrap{white-space:nowrap}
.block{display:block;width:fit-content;margin-top:.2rem}
.wrap{max-width:70rem;margin:0 auto;padding:2.25rem 1.5rem 4rem}
a{color:var(--link);text-underline-offset:.15em;text-decoration-thickness:1px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-100vw}
.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem .75rem}
h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.015em;margin:.15rem 0 .35rem;font-weight:650}
h2{font-size:1.2rem;line-height:1.3;letter-spacing:-.01em;margin:3rem 0 .9rem;font-weight:650}
h3{font-size:1rem;line-height:1.4;margin:0;font-weight:650}
h4{font-size:.875rem;margin:1.5rem 0 .4rem;font-weight:650}
p{margin:0 0 .6rem}
.eyebrow,.muted,.lead{color:var(--muted)}
.eyebrow{font-size:.8125rem;margin:0}
.lead{font-size:.9375rem;margin:0}
.small{font-size:.875rem}
code,pre,.id{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace}
code,.id{font-size:.875em}
pre code{font-size:inherit}
pre{margin:0 0 .75rem;padding:.7rem .9rem;background:var(--sunk);border:1px solid var(--line);border-radius:8px;font-size:.8125rem;line-height:1.5;white-space:pre-wrap;max-height:28rem;overflow:auto;tab-size:2}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.25rem 1.4rem}
.verdict{margin:1.5rem 0 0;background:var(--soft);border:1px solid var(--bar);border-left-width:6px;border-radius:12px;padding:1.15rem 1.4rem 1.25rem}
.verdict .word{display:block;font-size:1.5rem;line-height:1.25;font-weight:700;letter-spacing:-.015em;color:var(--tone);margin:0 0 .3rem}
.verdict p{margin:0;font-size:1.0313rem}
.bar{display:flex;gap:2px;height:.75rem;margin:1.5rem 0 .75rem;border-radius:6px;overflow:hidden}
.bar span{background:var(--bar);min-width:4px}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.25rem;list-style:none;margin:0;padding:0;font-size:.875rem;color:var(--muted)}
.legend b{color:var(--text);font-variant-numeric:tabular-nums}
.legend li::before{content:"";display:inline-block;width:.65rem;height:.65rem;border-radius:3px;background:var(--bar,transparent);margin-right:.45rem}
.legend li.sum::before{display:none}
.pill{display:inline-block;white-space:nowrap;padding:.06rem .6rem;border-radius:1rem;background:var(--soft);color:var(--tone);font-size:.8125rem;font-weight:600;line-height:1.6}
nav{margin-top:1.4rem;font-size:.875rem}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;list-style:none;margin:0;padding:0}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1rem;align-items:start}
.stack{display:grid;gap:1rem;grid-template-columns:minmax(0,1fr)}
dl{display:grid;grid-template-columns:minmax(7rem,10.5rem) minmax(0,1fr);gap:.45rem 1.1rem;margin:0;font-size:.9375rem}
dt{color:var(--muted)}
dd{margin:0}
.card>h3+*{margin-top:.8rem}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption{text-align:left;font-weight:650;padding:0 0 .55rem}
caption .muted{font-weight:400}
th,td{text-align:left;vertical-align:top;padding:.6rem .75rem .6rem 0;border-top:1px solid var(--line)}
thead th{font-size:.8125rem;font-weight:500;color:var(--muted);border-top:0;padding-top:0;padding-bottom:.4rem}
tbody th{font-weight:400}
th:last-child,td:last-child{padding-right:0}
td.num,th.num{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;color:var(--muted)}
.checks{table-layout:fixed}
.checks .c-verdict{width:8.5rem}.checks .c-check{width:38%}.checks .c-severity{width:5.75rem}.checks .c-time{width:5rem}
.checks .id{display:block;color:var(--muted)}
.subject+.subject{margin-top:1.75rem}
.finding{margin-top:1rem;border-left:4px solid var(--bar)}
.finding header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.35rem .75rem;margin-bottom:.9rem}
.finding header h3{flex-basis:100%;font-size:1.0625rem}
.finding dl+h4{margin-top:1.25rem}
details{margin-top:.5rem}
summary{cursor:pointer;color:var(--link);font-size:.875rem;width:fit-content;max-width:100%}
details>.attempt:first-of-type{margin-top:.75rem}
.attempt{border-left:2px solid var(--line);padding-left:.9rem;margin:0 0 1.1rem}
.attempt p{font-size:.875rem;margin-bottom:.45rem}
.attempt .part{color:var(--muted);margin:.6rem 0 .25rem;font-size:.8125rem}
ul.plain{margin:.2rem 0 0;padding-left:1.15rem}
ul.plain li{margin:.15rem 0}
footer{margin-top:3.5rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--muted);font-size:.8125rem}
@media (max-width:44rem){
.wrap{padding:1.25rem 1rem 3rem}
h1{font-size:1.4rem}
.card,.verdict{padding:1rem}
dl{grid-template-columns:minmax(0,1fr);gap:.05rem}
dd{margin-bottom:.6rem}
.checks,.checks tbody,.checks caption{display:block}
.checks thead{position:absolute;left:-200vw}
.checks tr{display:grid;grid-template-columns:auto 1fr auto;gap:.15rem .75rem;border-top:1px solid var(--line);padding:.75rem 0}
.checks th,.checks td{border:0;padding:0}
.checks .c-check,.checks .c-observed{grid-column:1/-1;width:auto}
.checks .c-verdict{order:-3;width:auto}.checks .c-severity{order:-2;width:auto;align-self:center;font-size:.8125rem;color:var(--muted)}.checks .c-time{order:-1;width:auto;font-size:.8125rem}
}
@media print{
:root{${properties(light)};color-scheme:light}
body{font-size:10.5pt;background:#fff}
.wrap{max-width:none;padding:0}
nav,.skip{display:none}
pre{max-height:none;overflow:visible}
.card{border-radius:6px}
.verdict,.pill,.bar span,.legend li::before{print-color-adjust:exact;-webkit-print-color-adjust:exact}
h2,h3,h4,caption{break-after:avoid}
tr,.attempt p{break-inside:avoid}
.finding details::details-content{content-visibility:visible;block-size:auto}
a{color:inherit}
}
</style>`
