#!/bin/sh
# What this tree is, in one word: sh packaging/version.sh version|revision|epoch
#
# version: that of a tag vVERSION on the commit. Else the one that
# command/version.go is on the way to, with the commit's time, so that a package
# made later is the newer one, and the release newer than all of them.
# revision: the commit, with -dirty behind it where files have been changed.
# epoch: the time of the commit, for SOURCE_DATE_EPOCH.
#
# A source archive (make dist) has them in packaging/release. Where nothing is
# known, revision and epoch are empty.
cd "$(dirname "$0")/.." || exit 1
version=$(sed -n 's/^	Version *= "\(.*\)"$/\1/p' command/version.go)
revision= epoch=

# As root too, on the way of `sudo make install`, in a folder of somebody else.
git() { command git -c safe.directory='*' --no-optional-locks "$@" 2>/dev/null; }

if [ -f packaging/release ]; then
	read -r version revision epoch <packaging/release
elif [ -e .git ] && revision=$(git rev-parse HEAD); then
	epoch=$(git log -1 --format=%ct)
	[ -z "$(git status --porcelain --untracked-files=no)" ] || revision=$revision-dirty
	if tag=$(git describe --tags --exact-match --match 'v[0-9]*') && [ "$revision" = "${revision%-dirty}" ]; then
		version=${tag#v}
	else
		version=$version~git$(TZ=UTC0 git log -1 --date=format-local:%Y%m%d%H%M%S --format=%cd)
	fi
fi

case ${1:-} in
version) echo "$version" ;;
revision) echo "$revision" ;;
epoch) echo "${SOURCE_DATE_EPOCH:-$epoch}" ;;
*)
	echo "usage: sh packaging/version.sh version|revision|epoch" >&2
	exit 2
	;;
esac
