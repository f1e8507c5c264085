# shellcheck shell=sh
# What the checks of this folder share: results as TAP, and a folder for the bad samples that each check is shown
# first, to prove that it can fail. Sourced from the top of the tree's point of view: cd is done here.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
sample=$(mktemp -d)
trap 'rm -rf "$sample"' EXIT

# A file of its own counts, since the ends of pipelines are subshells.
number() {
    echo x >>"$sample/.count"
    wc -l <"$sample/.count"
}

# The findings are on stdin, one a line: none is a pass.
no_findings() { # NAME
    findings=$(cat)
    if [ -z "$findings" ]; then
        echo "ok $(number) - $1"
    else
        echo "not ok $(number) - $1"
        echo "$findings" | sed 's/^/# /'
    fi
}

# The findings are on stdin: the check is worth something only if there are some.
some_findings() { # NAME
    if [ -n "$(cat)" ]; then
        echo "ok $(number) - $1"
    else
        echo "not ok $(number) - $1"
        echo "# the check found nothing wrong with a sample made to be wrong"
    fi
}

sample_file() { # PATH, contents on stdin
    mkdir -p "$sample/$(dirname "$1")"
    cat >"$sample/$1"
}

done_testing() { echo "1..$(wc -l <"$sample/.count")"; }
