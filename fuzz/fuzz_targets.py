"""The fuzz targets of a build, where each has its files, and the options that suit them."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

FUZZ = Path(__file__).resolve().parent

# Bytes. Short inputs run faster; the connection targets take long frames through the same decoders.
MAX_LENGTH = {"frame_decoder": 64, "masking": 300, "utf8": 200}
DEFAULT_MAX_LENGTH = 1000

MEMORY_LIMIT_MB = 1024
MALLOC_LIMIT_MB = 2  # of a single allocation
TIMEOUT_SECONDS = 10  # of a single input

DICTIONARIES = {
    "frame_decoder": "frames", "connection_server": "frames", "connection_client": "frames",
    "beast_frames": "frames", "handshake_request": "heads", "handshake_response": "heads",
    "beast_heads": "heads",
}
# Faster: the quarantine is small since everything is freed within one input, an allocation is named
# when its input is replayed, and the stack is not put on the heap to find uses after return.
ASAN_OPTIONS = "quarantine_size_mb=1:malloc_context_size=1:detect_stack_use_after_return=0"


@dataclass(frozen=True)
class Places:
    """Where a target's files are."""

    program: Path
    seeds: Path
    regressions: Path
    corpus: Path
    findings: Path
    dictionary: Path

    @staticmethod
    def of(target: str, build: Path, output: Path) -> Places:
        return Places(program=build / "fuzz" / f"{target}_fuzz",
                      seeds=FUZZ / "corpus" / target,
                      regressions=FUZZ / "regressions" / target,
                      corpus=output / "corpus" / target,
                      findings=output / "findings" / target,
                      dictionary=FUZZ / "dictionaries" / f"{DICTIONARIES.get(target, target)}.dict")


def find_targets(build: Path) -> list[str]:
    """The targets that `build` has programs of."""
    return sorted(path.name.removesuffix("_fuzz") for path in (build / "fuzz").glob("*_fuzz")
                  if path.is_file() and os.access(path, os.X_OK))


def max_length_of(target: str) -> int:
    return MAX_LENGTH.get(target, DEFAULT_MAX_LENGTH)


def limits_of(target: str) -> list[str]:
    """What libFuzzer is to hold a target to."""
    # Short inputs first, also where a mutator of our own makes libFuzzer forget that.
    return [f"-max_len={max_length_of(target)}", "-len_control=100", f"-timeout={TIMEOUT_SECONDS}",
            f"-malloc_limit_mb={MALLOC_LIMIT_MB}", f"-rss_limit_mb={MEMORY_LIMIT_MB}"]


def environment() -> dict[str, str]:
    """The environment that targets run in: the sanitizer's options, and who names its frames."""
    chosen = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ASAN_OPTIONS)}
    symbolizer = shutil.which("llvm-symbolizer-19") or shutil.which("llvm-symbolizer")
    if symbolizer:
        chosen.setdefault("ASAN_SYMBOLIZER_PATH", symbolizer)
        chosen.setdefault("UBSAN_SYMBOLIZER_PATH", symbolizer)
    return chosen
