"""What the library costs beside raw httpx. Run from the root of the repository: `python -m bench`.

Every request goes to a stand-in of the service in another process (`bench.stub`), on another core where there
is one, so that the CPU time of the measured process is the client's alone.

How the figures are made, so that they hold on a machine that does other things too:

- What is compared runs in one process, in turns of a few calls (A B C A B C ...): a disturbance then hits all
  alike. With each contender in a process of its own, eight rounds on a busy machine gave ratios from 0.85 to
  2.0 where turns of five calls gave 1.14 to 1.21. Only what is compared shares a process: six contenders in
  turns empty the processor's caches for each other, which no service does to itself.
- A round is a fresh process. Hash seed and memory layout shift single figures by a few percent, so several
  rounds show how far a ratio can be trusted.
- The figure of a round is the median over its turns, a ratio is made within a round, and what is printed is
  the median of the rounds with the lowest and the highest.
- A turn begins with a call outside its time, and every other turn runs the contenders backwards: whoever
  follows a relative finds its code in the processor's caches, which made up to a tenth.
- Every contender is warmed up first. What is alive by then is kept from the garbage collector, and each turn
  ends with a collection inside its time, so that everybody pays for his own garbage and for no other's.
- Imports and memory need a process each; their contenders take turns process by process.

Figures in microseconds or milliseconds depend on the machine: quote ratios.

| module | job |
| --- | --- |
| `imports` | time of the import statements, in fresh interpreters |
| `sends` | one message to one recipient, blocking and asynchronous |
| `crowds` | many threads, or many tasks, over one client |
| `batches` | one recipient of many |
| `memory`, `peak` | peak memory of a process that sends |
| `webhooks` | one event of a webhook, beside `json.loads` |
| `campaigns`, `campaign_run` | a campaign from its ledger beside a bare loop of requests |
| `rates` | rows per second of a campaign: both databases, one process and two workers |
| `tracker` | events into a tracker, beside a bare upsert |
| `turns` | contenders in turns, rounds in fresh processes |
| `figures` | rows, comparisons, aims; the table and the JSON |
| `options`, `cores` | how much is measured; which core runs what |
| `stub` | the stand-in of the service |

A further measurement is a module with `measure(options) -> Section` that `__main__` lists.
"""
