"""Signals that a worker gets, in this process."""

import signal

import pytest

from fairseq_cline.compat import stop_signals
from fairseq_cline.compat.stop_signals import FORWARDED


@pytest.mark.parametrize(
    ("numbers", "ended_by"),
    [
        ([signal.SIGTERM], []),
        ([signal.SIGUSR1, FORWARDED, FORWARDED], []),
        ([FORWARDED, signal.SIGTERM], [signal.SIGTERM]),
        ([signal.SIGUSR1, signal.SIGTERM], [signal.SIGTERM]),
    ],
)
def test_the_second_signal_ends_the_process_and_one_handed_on_is_none(
    monkeypatch, numbers, ended_by
):
    ended = []
    monkeypatch.setattr(stop_signals, "_stop", stop_signals._Stop())
    monkeypatch.setattr(stop_signals, "end_by", ended.append)
    for number in numbers:
        stop_signals._ask(number, None)
    assert ended == ended_by and stop_signals._stop.is_asked
