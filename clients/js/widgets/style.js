// How the components look: in the page's own text colour and colour scheme, so that a page that is never dark has no dark pieces. Colours,
// sizes and font are custom properties (`--rg-...`) that a shop sets; every piece is also a `::part`.

const TEXT = `
:host{display:block;font:var(--rg-font,inherit);color:var(--rg-ink,inherit);--soft:color-mix(in srgb,currentColor 68%,transparent);--line:color-mix(in srgb,currentColor 22%,transparent);--fill:color-mix(in srgb,currentColor 8%,transparent);--ground:var(--rg-ground,Canvas);--ink:var(--rg-ink,CanvasText);--mark:var(--rg-mark,color-mix(in srgb,#d92d20 75%,CanvasText));--accent:var(--rg-accent,color-mix(in srgb,#2563eb 70%,CanvasText))}
:host([hidden]){display:none}
:host([theme=light]){color-scheme:light;color:var(--ink)}
:host([theme=dark]){color-scheme:dark;color:var(--ink)}
*{box-sizing:border-box}
[hidden]{display:none!important}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.head{display:flex;align-items:center;gap:8px;margin:0 0 12px;min-height:36px}
h2{flex:1;margin:0;font-size:1.25em;line-height:1.3}
button{font:inherit;color:var(--ink);background:var(--ground);border:1px solid var(--rg-line,var(--line));border-radius:var(--rg-radius,8px);cursor:pointer;min-width:36px;min-height:36px;padding:0 12px}
.head button{padding:0;border-radius:50%}
button[aria-disabled=true]{opacity:.35;cursor:default}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.sign{display:inline-block;width:9px;height:9px;border:solid;border-width:2px 2px 0 0;transform:rotate(45deg) translate(-1px,1px)}
.sign.before{transform:rotate(-135deg) translate(-1px,1px)}
.sign.glass{width:11px;height:11px;border-width:2px;border-radius:50%;transform:none;position:relative;vertical-align:-1px}
.sign.glass::after{content:"";position:absolute;width:2px;height:6px;background:currentColor;right:-3px;bottom:-6px;transform:rotate(-45deg)}
ul{list-style:none;margin:0;padding:0}
.row{display:flex;gap:var(--rg-gap,16px);overflow-x:auto;scroll-snap-type:x mandatory;scrollbar-width:thin;padding:4px;margin:-4px;overscroll-behavior-x:contain;scroll-padding-inline:4px}
.row>li{flex:0 0 var(--rg-item-width,clamp(140px,42vw,190px));scroll-snap-align:start;min-width:0}
@media(prefers-reduced-motion:no-preference){.row{scroll-behavior:smooth}}
.grid{display:grid;gap:var(--rg-gap,16px);grid-template-columns:repeat(auto-fill,minmax(var(--rg-item-width,150px),1fr))}
li>*{display:block;position:relative;color:inherit;text-decoration:none;border-radius:var(--rg-radius,8px)}
a:hover .name{text-decoration:underline}
.picture{display:block;aspect-ratio:var(--rg-ratio,1);background:var(--fill);border-radius:var(--rg-radius,8px);overflow:hidden;margin:0 0 8px}
.picture img{display:block;width:100%;height:100%;object-fit:contain}
.badge{position:absolute;top:8px;left:8px;padding:1px 8px;font-size:.8em;border-radius:99px;background:var(--ground);color:var(--mark);border:1px solid}
.name{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden;overflow-wrap:anywhere;line-height:1.35;min-height:2.7em}
.price{display:block;min-height:1.5em}
s,.soft{color:var(--rg-soft,var(--soft));font-size:.875em}
s{margin-left:6px}
.soft{display:block;min-height:1.4em;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.ghost span{background:var(--fill);border-radius:6px;color:transparent}
.box{position:relative}
form{display:flex;gap:8px;margin:0}
input{flex:1;min-width:0;font:inherit;font-size:max(16px,1em);color:var(--ink);background:var(--ground);border:1px solid var(--rg-line,var(--line));border-radius:var(--rg-radius,8px);min-height:40px;padding:0 12px}
.options{position:absolute;z-index:var(--rg-layer,1000);inset:calc(100% + 4px) 0 auto;max-height:min(70vh,480px);overflow:auto;color:var(--ink);background:var(--ground);border:1px solid var(--rg-line,var(--line));border-radius:var(--rg-radius,8px);box-shadow:0 8px 24px #0003;padding:6px}
.group{padding:6px 10px 2px;font-size:.8em;color:var(--rg-soft,var(--soft))}
[role=option]{display:flex;align-items:center;gap:10px;padding:6px 10px;border-radius:6px;cursor:pointer;min-height:36px}
[role=option][aria-selected=true]{background:color-mix(in srgb,var(--accent) 14%,transparent)}
[role=option] .picture{flex:0 0 40px;margin:0}
[role=option] .title{flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.results{margin:16px 0 0}
.told{margin:0 0 12px;color:var(--rg-soft,var(--soft))}
.more{display:block;margin:16px auto 0}
`;

let sheet;

/** Give a shadow tree the look; one sheet for all of them, which a page's content policy lets pass. */
export function dress(root) {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(TEXT);
  }
  root.adoptedStyleSheets = [sheet];
}
