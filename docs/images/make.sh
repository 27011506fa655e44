#!/bin/sh
# Draws block.svg anew from a real run of the hook. A test compares the two, so that the picture cannot go stale.
cd "$(dirname "$0")/../.." && exec cargo test --test tests -- --ignored make_the_picture
