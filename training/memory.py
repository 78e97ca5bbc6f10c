"""What a training sets of its process; imports nothing that allocates before it is asked."""

import ctypes
import os


def keep_memory() -> None:
    """Let glibc keep freed memory, on large pages: a third of the time went into page faults.

    The tokenizer's own threads would be in the way of torch's.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # read by torch
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for trim_threshold_and_mmap_max in ((-1, 2**31 - 1), (-4, 0)):
            mallopt(*trim_threshold_and_mmap_max)
