extension ReviewPage {
    static let style = """
        :root { color-scheme: light dark; --paper: #faf8f4; --ink: #22201c; --soft: #77706a; --line: #e3ddd3;
          --card: #fff; --yes: #2f7d4f; --doubtful: #b26a00; --no: #b3261e; --accent: #7c3f8c; }
        @media (prefers-color-scheme: dark) { :root { --paper: #16151a; --ink: #ece8e1; --soft: #9d968e;
          --line: #322f38; --card: #1f1d25; --yes: #6cc48c; --doubtful: #e6a94f; --no: #f2867c;
          --accent: #c593d6; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
          color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
        h1 { font-size: 2.4rem; line-height: 1.1; margin: 0 0 .3rem; letter-spacing: -.02em; }
        h2 { font-size: 1.2rem; margin: 2.5rem 0 1rem; }
        h3 { font-size: 1rem; margin: 0 0 .7rem; overflow-wrap: anywhere; }
        p { margin: 0 0 .4rem; }
        .small { color: var(--soft); font-size: .85rem; }
        .verdicts { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 1rem;
          margin: 1.5rem 0; }
        .verdict { display: flex; gap: 1rem; align-items: center; padding: 1.1rem 1.3rem; background: var(--card);
          border: 1px solid var(--line); border-left: 6px solid var(--tone, var(--line)); border-radius: 10px; }
        .verdict .mark { font-size: 2rem; color: var(--tone); width: 2rem; text-align: center; }
        .verdict p { margin: 0; } .verdict .word { font-size: 1.4rem; font-weight: 600; }
        .yes { --tone: var(--yes); } .doubtful { --tone: var(--doubtful); } .no { --tone: var(--no); }
        .facts { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .3rem 1.2rem; margin: 0; }
        .facts dt { color: var(--soft); } .facts dd { margin: 0; }
        @media (max-width: 34rem) { .facts { grid-template-columns: 1fr; } .facts dd { margin-bottom: .5rem; } }
        .remarks { list-style: none; padding: 0; margin: 1rem 0; }
        .remarks li { padding: .15rem 0 .15rem 1.5rem; text-indent: -1.5rem; }
        .remarks .mark, h3 .mark { color: var(--tone); display: inline-block; width: 1.2rem; text-indent: 0; }
        .table { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
        table { border-collapse: collapse; width: 100%; font-size: .88rem; }
        th, td { text-align: left; padding: .45rem .8rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        th { color: var(--soft); font-weight: 500; white-space: nowrap; }
        td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
        td.mark { color: var(--tone); } td:last-child { min-width: 16rem; } tr:last-child td { border-bottom: 0; }
        td a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .2em; }
        .tag { color: var(--soft); font-weight: 400; font-size: .8rem; border: 1px solid var(--line);
          border-radius: 99px; padding: .05rem .5rem; }
        .remarks b { font-weight: 600; }
        .clips { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); gap: 1rem; }
        article { background: var(--card); border: 1px solid var(--line); border-top: 3px solid var(--tone, var(--line));
          border-radius: 10px; padding: 1rem; font-size: .92rem; }
        .pictures { display: grid; grid-template-columns: 2fr 3fr; gap: .6rem; margin-bottom: .7rem; }
        .thumb { width: 100%; border-radius: 6px; display: block; }
        .sound { display: flex; flex-direction: column; gap: .3rem; min-width: 0; }
        .wave { width: 100%; height: 2.6rem; fill: var(--accent); }
        .spectrum { width: 100%; height: 3.6rem; border-radius: 6px; display: block; image-rendering: auto; }
        .nothing { display: grid; place-items: center; min-height: 4rem; color: var(--soft); font-size: .85rem;
          border: 1px dashed var(--line); border-radius: 6px; }
        article .remarks { margin: .5rem 0; }
        blockquote { margin: .7rem 0 0; padding: 0 0 0 .8rem; border-left: 2px solid var(--line); color: var(--soft);
          overflow-wrap: anywhere; }
        mark { background: color-mix(in srgb, var(--accent) 22%, transparent); color: inherit; border-radius: 3px;
          padding: 0 .15em; }
        """
}
