#!/bin/bash -eu
# Builds the fuzz targets as OSS-Fuzz and ClusterFuzzLite ask for them: compilers and flags come from
# the environment (CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE), sources are in $SRC/wsproof, work
# is done in $WORK, and what the fleet takes goes to $OUT.

cmake -S "$SRC/wsproof" -B "$WORK/wsproof" -G Ninja \
  -DCMAKE_BUILD_TYPE=None \
  -DWSPROOF_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" \
  -DWSPROOF_ASSERTIONS=ON \
  -DWSPROOF_WARNINGS_AS_ERRORS=OFF \
  -DWSPROOF_PROGRAMS=OFF \
  -DWSPROOF_TESTS=OFF \
  -DZLIB_USE_STATIC_LIBS=ON
cmake --build "$WORK/wsproof" --target fuzz_targets
cp "$WORK"/wsproof/fuzz/*_fuzz "$OUT/"
python3 "$SRC/wsproof/fuzz/fleet/pack.py" "$OUT"
