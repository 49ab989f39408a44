#!/bin/bash -eu
# What ClusterFuzzLite runs; the work is done in fuzz/fleet/build.sh.
exec bash -eu "$SRC/wsproof/fuzz/fleet/build.sh"
