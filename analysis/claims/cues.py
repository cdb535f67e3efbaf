"""The lexicons: which words speak of a change, of a metric, of a goal, of a setting, of a doubt.

All entries are lower case. Verbs are listed in their forms (``_forms``), so that a look-up is one dictionary access.
"""

from __future__ import annotations

from analysis.claims.lexicon import lexicon


def _forms(*stems: str) -> frozenset[str]:
    """Every form of the regular verbs given: reduce -> reduces, reduced, reducing."""
    found: set[str] = set()
    for stem in stems:
        base = stem[:-1] if stem.endswith("e") else stem
        found |= {stem, f"{stem}s", f"{base}ed", f"{base}ing"}
    return frozenset(found)


# What a cue says by itself: "good" and "bad" need no metric; "down" and "up" do.
GOOD = lexicon(
    """
    faster quicker recovery speedup speedups speed-up speed-ups speeds sped speeding improvement improvements gain gains
    benefit benefits uplift win wins improvment improvments better savings saving saves saved save cheaper lighter
    leaner optimization optimisation optimizations fast quick quickly efficient progression acceleration
    """
) | _forms("improve", "boost", "accelerate", "optimize", "optimise", "enhance")
BAD = lexicon(
    """
    slower slowdown slowdowns slow-down slows slowed slowing slow regression regressions worse worsens worsened
    penalty loss losses lose loses losing lost longer degradation overhead hit inflation bloat
    """
) | _forms("regress", "degrade")
DOWN = lexicon(
    """
    cut cuts cutting drop drops dropped dropping shrink shrinks shrinking shrank shrunk fewer less smaller
    shorter down fell fall falls falling trim trims trimmed trimming reduction reductions decrease drop-off
    shave shaves shaved shaving lower low deduction
    """
) | _forms("reduce", "decrease", "lower", "shorten", "slash", "minimize", "minimise", "eliminate", "halve", "decline")
UP = lexicon(
    """
    more higher larger bigger greater grow grows grew grown growing growth rise rises rose rising up extra
    additional jump jumps jumped double doubles doubled doubling triple triples tripled tripling
    """
) | _forms("increase", "raise", "expand", "climb")
ADDS = lexicon("add adds added adding cost costs costing introduces introduced")
REMOVES = lexicon(
    """
    fix fixes fixed fixing recover recovers recovered recovering regain regains regained remove removes removed
    removing eliminate eliminates eliminated eliminating avoid avoids avoided avoiding undo undoes revert
    reverts reverted resolve resolves resolved resolving restore restores restored mitigate mitigates address
    addresses addressed addressing claw claws reclaim reclaims win
    """
)
POLARITY: dict[str, str] = {
    **dict.fromkeys(UP, "up"),
    **dict.fromkeys(DOWN, "down"),
    **dict.fromkeys(BAD, "bad"),
    **dict.fromkeys(GOOD, "good"),
}
# Words that are cues only right beside their number: "20% more", not "more of the 20% ...".
WEAK = lexicon(
    """
    more less up down better worse fast quick quickly slow low efficient extra additional longer add
    additional optimization optimisation overhead fall double
    """
)

# Metrics by noun. The first hit nearest to the number decides; order inside a line does not matter.
METRICS: dict[str, str] = {}
for _metric, _nouns in {
    "memory": """
        memory rss vmrss heap allocation allocations allocated allocs mem footprint ram vram memory-usage resident
    """,
    "size": """
        size binary binaries bundle wheel wheels gzip gzipped br minified disk filesize image artifact
        artifacts download package sizes brotli output tarball lockfile payload minsize docker svg png jpg
        font binding section cache code executable dist space dylib file files css js
    """,
    "cost": """
        token tokens cost costs cost-optimized spend spending bill billing price pricing expenses budget
    """,
    "coverage": """
        coverage covered
    """,
    "error_rate": """
        error errors failure failures flake flakes flaky flakiness success pass-rate crash crashes incidents
        failed failing false-positive
    """,
    "other": """
        accuracy f-score fscore f1 score scores quality recall precision bleu wer misses hits engagement conversion
    """,
    "throughput": """
        throughput rps qps capacity requests/s bandwidth req/s tokens/s iops concurrency velocity concurrent
        ops
    """,
    "latency": """
        latency latencies wall clock walltime wall-time wall-clock runtime perf performance cpu benchmark benchmarks
        codspeed instruction instructions insn insns microbenchmark
        microbenchmarks p50 p95 p99 response ttfb speed parsing parser
        lexer lookup transformer codegen linter formatter query queries function method criterion
    """,
    "time": """
        time build builds ci deployment deploy deploys setup compile compilation pipeline workflow job jobs
        tests test-suite testsuite install installation startup start-up minutes hours effort manual
        duration onboarding rebuild rebuilds release suite bootstrap toil development
    """,
}.items():
    METRICS.update(dict.fromkeys(_nouns.split(), _metric))

# These name a metric only right beside the number; elsewhere they are what the sentence is about.
NEAR_NOUNS = lexicon(
    """
    file files css js tests test token tokens release development setup section cache code method function job jobs
    query lookup space suite install package artifact image covered ops price
    """
)

# For these more is better, so that "increase" is good and "drop" is bad.
HIGHER_IS_BETTER = lexicon(
    """
    roi throughput coverage success accuracy capacity hit-rate hits velocity rps qps precision recall conformance
    speed performance perf productivity bandwidth conversion engagement uptime availability revenue savings
    efficiency quality score reliability throughputs compatibility passing pass passes utilization concurrency
    compliance stability visibility parallelism similarity satisfaction index improvement fps
    """
)

EXPECTED = lexicon(
    """
    expected expect expects expecting should aim aims aiming goal goals potential potentially hopefully hope
    hoping projected projection projections planned plans anticipated anticipate anticipates theoretically
    theoretical targeting ideally estimated-to could would promises todo future likely probably might may
    """
)
SOFT_EXPECTED = lexicon("could would might may probably likely should")
TARGET = lexicon(
    """
    target targets goal goals sla slo slas slos requirement requirements budget objective objectives kpi kpis
    """
)
THRESHOLD = lexicon(
    """
    threshold thresholds minimum min gate gates alert alerts warn warns warning warnings detect detects
    detection only if when whenever unless least limit limits tolerance cutoff trigger triggers triggered
    require requires required until fail fails exceeds exceed criteria confidence significance
    """
)
SETTINGS = lexicon(
    """
    timeout timeouts time-out interval intervals decay ttl limit limits threshold thresholds retry retries backoff
    expiry expiration cutoff frequency polling poll heartbeat sleep sleeps sleeping delay delays debounce cron
    retention quota replicas deadline keepalive keep-alive grace cooldown cool-down rate-limit ratelimit expire
    expires expiring wait waits stalled timeout-minutes
    """
)
SOFT_SETTINGS = lexicon(
    """
    cores cpus default defaults max maximum min minimum window period buffer batch pool pooling chunk workers
    parallelism tolerance setting settings config configuration sample-size lookback budget port refill sampling
    rollout severity fudge
    """
)
# Knobs that are turned in bare numbers only: "depth 3 to 5" is one, "reading at depth takes 5 s less" is not.
COUNT_SETTINGS = lexicon(
    """
    precision width height depth level priority indent indentation padding font margin opacity iterations attempts
    epochs jobs threads weight weights capacity
    """
)
NEGATIONS = lexicon(
    """
    not no never without hardly barely neither nor isn't doesn't didn't don't won't cannot can't wasn't weren't
    aren't couldn't shouldn't wouldn't none nothing isn’t doesn’t didn’t don’t n't
    """
)
NO_CHANGE = (
    "no change", "little change", "no measurable", "no significant", "no difference", "no impact", "no effect",
    "no perf",    "no regression", "no noticeable", "no observable", "unchanged", "performance neutral", "perf neutral",
    "no statistically", "not significant", "no meaningful", "no performance", "no speed", "no improvement",
)  # fmt: skip
INCONCLUSIVE = (
    "within noise", "noise level", "crossed zero", "inconclusive", "in the noise", "measurement noise",
    "noise floor", "margin of error", "not statistically", "variance between runs", "is noise", "just noise",
    "likely noise", "the noise", "repeated runs", "be noise", "below noise", "spurious", "runner artifact", "noisy",
    "measurement artifact",
    "be neutral", "not reproducible", "run-to-run",
)  # fmt: skip
HYPOTHETICAL = (
    "would have", "would be", "would reduce", "would avoid", "would save", "would only", "would need",
    "would improve", "if you remove", "if we ", "tried ", "trying ", "as an experiment", "suppose", "imagine",
    "in theory", "initially ", "could be", "could have", "could lead", "would lead", "may lead", "can lead",
    "first implementation", "first attempt", "initial implementation", "naive ", "my first",
    "earlier revision", "earlier iteration", "previous iteration", "earlier version of", "previous revision",
    "in which case", "i thought this", "i thought it", "i understand that", "can think of", "e.g. when",
)  # fmt: skip
OTHER_CHANGE = (
    "base pr", "previous pr", "parent pr", "earlier pr", "follow-up pr", "prior pr", "previous commit",
    "earlier commit", "exposed by", "regressed in", "caused by commit",
    "base branch reduc", "the last pr", "another pr", "stacked on", "the same fix ", "the same change ",
)  # fmt: skip
OTHER_PEOPLE = (
    "readme", "as said in", "claims that", "claims to", "blog post", "the paper", "they report",
)  # fmt: skip
OLD = lexicon(
    """
    previously before was were old currently main master baseline originally prior earlier formerly had used
    """
)
NEW = lexicon("after now new branch pr patch this currently-now then")
# What a change may be compared with: its own past. Anything else is an alternative.
OWN_PAST = lexicon(
    """
    main master before baseline current previous previously old original trunk head prior existing it nightly
    stable ever today original's unoptimized latest develop dev base last upstream without normal
    initial legacy uncached shipped released unpatched past that standard default sequential manual release cold what
    """
)
VERSIONED = lexicon(
    """
    bump bumps bumped upgrade upgrades upgraded upgrading update updates updated updating migrate migrated pin
    pinned python node nodejs django postgres rust msrv edition version versions v release requirement tox
    sphinx pytest mypy dependency dependencies npm pnpm
    """
)
COUNTED = lexicon(
    """
    tests test lines line files file commits commit issues issue prs pr cases suites modules functions classes
    rules checks fixtures snapshots examples pages items steps stages phases parts times people users services
    endpoints params parameters arguments args fields columns rows tables changes entries packages crates
    languages platforms errors warnings violations methods commands options variants types assertions scenarios
    workers replicas cores
    """
)
SHARE_OF = lexicon("of")
FILLERS = lexicon(
    """
    about around roughly approximately nearly almost over under only just some circa up to a an the another
    further at least most as much than more less below above ca approx
    """
)
