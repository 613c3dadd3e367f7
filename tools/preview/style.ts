/** How the page of a preview looks, by day and by night. */

const day = {
  ground: "#f6f7f9",
  surface: "#ffffff",
  soft: "#f0f3f6",
  ink: "#1c2530",
  quiet: "#586574",
  line: "#dde3e9",
  accent: "#2c6e8f",
  tint: "#e3eff5",
  good: "#2b7a4b",
  warn: "#8f5a00",
  bad: "#b3271e",
};

const night: typeof day = {
  ground: "#12171d",
  surface: "#1a2129",
  soft: "#212a34",
  ink: "#e4e9ee",
  quiet: "#9dabb9",
  line: "#2e3945",
  accent: "#6fb6d6",
  tint: "#1d3644",
  good: "#6cc48f",
  warn: "#e0ac55",
  bad: "#f08a80",
};

function variables(colours: typeof day): string {
  return Object.entries(colours)
    .map(([name, value]) => `--${name}:${value};`)
    .join("");
}

/** The whole style sheet. Only fonts that the machine has, so that nothing is fetched. */
export const style = `
:root{color-scheme:light dark;${variables(day)}}
@media (prefers-color-scheme:dark){:root{${variables(night)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.55 -apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",system-ui,sans-serif}
main,header,footer{max-width:1140px;margin:0 auto;padding:0 24px}
header{padding-top:40px}
header p.over{margin:0;color:var(--accent);font-size:13px;font-weight:600;letter-spacing:.04em}
h1{margin:2px 0 4px;font-size:34px;line-height:1.2;letter-spacing:-.01em}
h2{margin:0 0 12px;font-size:21px;line-height:1.3}
h3{margin:26px 0 4px;font-size:17px}h4{margin:14px 0 4px;font-size:14.5px}h3 .quiet,th small{color:var(--quiet);font-size:13px;font-weight:400}th small{display:block;font-size:12px;white-space:nowrap}
p{margin:0 0 10px;max-width:80ch}
.quiet,.more,footer{color:var(--quiet)}
a{color:var(--accent)}
a:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;margin:18px 0 0;padding:0;list-style:none;font-size:14px}
nav a{text-decoration:none}nav a:hover{text-decoration:underline}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:22px 0 0;padding:0;list-style:none}
.tiles li{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.tiles b{display:block;font-size:24px;line-height:1.25;font-variant-numeric:tabular-nums}
.tiles span{color:var(--quiet);font-size:13px}
section{background:var(--surface);border:1px solid var(--line);border-radius:12px;margin:22px 0;padding:22px 24px}
.scroll{overflow-x:auto;margin:0 0 12px}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--quiet);font-size:13px;padding:0 0 6px}
th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;border-bottom:1px solid var(--line)}
tbody tr:last-child>*{border-bottom:0}
thead th{color:var(--quiet);font-weight:600;white-space:nowrap}
tbody th{font-weight:500}
.number{text-align:right;white-space:nowrap}
code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--soft);border-radius:4px;padding:1px 5px;overflow-wrap:anywhere}
details{border-top:1px solid var(--line);margin:14px 0 0;padding-top:12px}
summary{cursor:pointer;font-weight:600;margin-bottom:8px}
ul.plain{margin:0;padding:0;list-style:none}ul.plain li{padding:7px 0;border-bottom:1px solid var(--line)}ul.plain li:last-child{border-bottom:0}
.tag{display:inline-block;border:1px solid currentColor;border-radius:999px;font-size:12px;font-weight:600;line-height:1.5;padding:0 8px;white-space:nowrap}
.bad{color:var(--bad)}.warn{color:var(--warn)}.good{color:var(--good)}.same{color:var(--accent)}
.pair{columns:2 480px;column-gap:40px}.pair>div{break-inside:avoid;padding:12px 0 4px}.pair h4{margin-top:0}.pair th,.pair td{padding-right:9px}.pair .bar{min-width:60px}
@media (max-width:620px){.scroll table{min-width:560px}main,header,footer{padding:0 12px}section{padding:16px}}
.bar{display:block;width:100%;min-width:90px;height:12px;margin-top:4px}
.track{fill:var(--line)}.fill{fill:var(--accent)}.over{fill:var(--bad)}.mark{fill:var(--ink)}
.picture{display:block;width:100%;min-width:820px;height:auto;font-family:inherit}
.picture .frame{fill:var(--soft);stroke:var(--line)}.picture .box{fill:var(--surface);stroke:var(--line)}.picture .chip{fill:var(--tint)}
.picture text{fill:var(--ink)}.picture .region{font-size:17px;font-weight:650}.picture .title{font-size:13px;font-weight:600}
.picture .label{font-size:11.5px;fill:var(--quiet)}.picture .name{font-size:12px}.picture .count{font-size:12px;font-weight:600;fill:var(--accent)}
footer{padding-bottom:40px;font-size:13px}
@media print{body{background:none}section{break-inside:avoid;border:0;padding:0}nav{display:none}}
`.trim();
