#!/bin/bash -eu
# What OSS-Fuzz runs; the work is done in fuzz/fleet/build.sh.
exec bash -eu "$SRC/wsproof/fuzz/fleet/build.sh"
