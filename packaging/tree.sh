#!/bin/sh
# Installs all files below a folder: sh packaging/tree.sh FROM TO
set -eu
from=$1 to=$2
(cd "$from" && find . -type d) | while read -r d; do
	${INSTALL:-install} -d -m 755 "$to/$d"
done
(cd "$from" && find . -type f) | while read -r f; do
	${INSTALL:-install} -m 644 "$from/$f" "$to/$f"
done
