#!/bin/sh
# The steps of record.yml: the branch `record` lies in data/, and is pushed after each of them.
set -eu
case "$1" in
  open)  # the branch, or a new one without a history
    git fetch --depth 1 origin record && git worktree add data FETCH_HEAD || git worktree add --orphan -b record data
    ;;
  claim)  # before midnight (UTC) alone: at other times tomorrow is far
    if [ "$(date -u +%H)" -ge 22 ]; then
      liqmap accuracy claim data $CONTRACTS
    fi
    ;;
  listen)
    liqmap record $CONTRACTS --out data/tape --hours "${HOURS:-5.7}"
    ;;
  judge)
    liqmap accuracy judge data
    liqmap accuracy publish data --out data
    ;;
esac
cd data
git config user.name liqmap
git config user.email liqmap@users.noreply.github.com
git add --all
git diff --cached --quiet || git commit --quiet --message "Record: $1"
git push --quiet origin HEAD:refs/heads/record
