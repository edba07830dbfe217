#!/usr/bin/python3
"""The whole path of a marketing campaign into postfix's smtp-sink: claim, merge, render, compose, last look (consent,
suppression, hours, caps, segment), durable `submitting`, SMTP, durable `accepted`.

Yardstick: smtp-source with eight sessions and fixed bytes of the same size to the same sink, before and after.
The rate counts from the start of the sending process to its end, with a durable state for every message; the audience
has been frozen before (bench plan).
"""
import sys

import measure
from measure import lab


def wire_size(engine_settings):
    """The mean size of the campaign's messages, from a small one of the same kind."""
    with lab.temporary_folder() as folder:
        (folder / "kept").mkdir()
        sink = lab.Sink(folder, keep=folder / "kept")
        try:
            bank = lab.Bank(folder, "sqlite", engine_settings)
            lab.launch_offer(bank, 300, sink.port)
            bank.carillon("run", "--until-idle", "--now", lab.NOON)
            sizes = [path.stat().st_size for path in (folder / "kept").iterdir()]
            return sum(sizes) // len(sizes)
        finally:
            sink.stop()


def main():
    parser = measure.arguments(__doc__, 200_000)
    parser.add_argument("--yardstick-messages", type=int, default=60_000)
    parser.add_argument("--profile", help="file for perf record of the sending process")
    options = parser.parse_args()
    size = wire_size(options.settings)
    print(f"messages of {size} bytes on average", flush=True)
    with lab.temporary_folder() as folder:
        sink = measure.SmtpSink()
        bank = lab.Bank(folder, options.engine, options.settings)
        try:
            lab.launch_offer(bank, options.messages, sink.port)
            planning, _ = measure.measured(bank.command("run", "--until-idle", "--plan-only", "--now", lab.NOON))
            print(f"planned in {planning.seconds:.1f} s, {planning.peak_rss_mb:.0f} MB", flush=True)
            yardsticks = [measure.smtp_source_rate(sink.port, options.yardstick_messages, size)]
            perf = ["perf", "record", "-g", "--call-graph", "dwarf,16384", "-F", "199", "-o", options.profile, "--"] if options.profile else []
            usage, output = measure.measured(perf + bank.command("run", "--until-idle", "--now", lab.NOON, as_json=True))
            print(output.splitlines()[-1], flush=True)
            yardsticks.append(measure.smtp_source_rate(sink.port, options.yardstick_messages, size))
            accepted = bank.count("state = 'accepted'")
            if accepted != options.messages:
                raise lab.LabError(f"only {accepted} were accepted: {bank.states()}")
            yardstick = measure.median([rate for rate, _ in yardsticks])
            measure.finish("dispatch", options, accepted / usage.seconds, yardstick, usage, bytes=size,
                           yardstick_cpu_us=round(measure.median([u.cpu_seconds for _, u in yardsticks]) * 1e6 /
                                                  options.yardstick_messages, 1),
                           plan_seconds=round(planning.seconds, 2))
        finally:
            bank.stop()
            sink.stop()


if __name__ == "__main__":
    sys.exit(main())
