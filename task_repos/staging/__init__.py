"""The generator of staged tasks: one seed gives the same repository, requests, hidden checks, solution and manifest on every machine.

    draw, lexicon      chance from the seed; words
    dials              what a user may turn
    kinds, graph       the functions that stages are about, who calls them, in which modules
    shapes, rendering  modules and visible tests as text; repository: the files that an agent begins with
    rules, honouring   standing rules: what they say, how a worker keeps or breaks them
    work, ground       what a family makes (Work), what it stands on (Ground), what it is (Family)
    families           one file each; a file laid there with FAMILY is a family
    plan, telling      the order of stages, what is told where, what is changed on the way
    playing            the solution turn by turn, and what a worker who lost an item would do
    checks, folders    hidden tests; the Harbor folder; delivery: staged, concat, fresh
    generating         the door: generate(tier, seed, family, delivery, dials)

To add a family, lay one file into `families`: an object FAMILY with `id`, `about`, `ruled`, `kinds`, and `works(ground)`, which gives as many
`Work`s as `ground.dials.stages`, in order. Where stages can be exchanged, `ground.turned(works, seed)` orders them; a family whose stages
cite one another orders them itself. Use nothing but `ground.draw.child(WORD)` for chance. A Work has:

- `points`: what is asked, each with the predicate that shows it and two wrong end states (`mutants`); an earlier point that a later stage
  overturns names that stage's key in `until`, one that it builds on stands in `after`; the plan gives all of them their numbers.
- `tells`: items first stated by this stage, in their words. A fact is told where the plan puts it (at the beginning, or so far before the
  stage that names it in `needs`); everything else (kind "decision", "rule") just where its Work stands. One with `supersedes` ends the other there.
- `acts(mind, tree)`: the worker's turns, pure, as many for every mind. `mind.rules` holds the ids of rules that it keeps,
  `mind.values` the facts and decisions as it knows them (None: not at all; a former value where nothing has changed to it). The plan plays it
  with a whole mind, then with each item lost (`Slip`): what differs rests upon that item.
- `hidden`, `names`, `keeps`: test functions for the verdict; `source_tree` (see checks) offers `calls`, `mentions`, `users`.

A family with `laid(graph, base, draw)` begins with more files than the others (see ground.Laying); one with `overturns` makes its own use of the
dial `supersession`. A decision's constraints hold at the ends of stages: `At(index + 1)`, by the index among the family's own works.

`House` (honouring) writes names, headers, log lines as the rules want them. No chance, text or order may come from sets, floats or `ast.unparse`.
"""
