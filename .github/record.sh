#!/bin/sh
# The steps of record.yml: the branch `record` lies in data/, and is pushed after each of them.
set -eu

claim() {  # in the last hours before midnight (UTC) alone: earlier, tomorrow is far
  if [ "$(date -u +%H)" -ge 22 ]; then
    # shellcheck disable=SC2086 # several contracts
    liqmap accuracy claim data $CONTRACTS
  fi
}

case "$1" in
  open)  # the branch, or a new one without a history
    if git fetch --depth 1 origin record; then
      git worktree add data FETCH_HEAD
    else
      git worktree add --detach data HEAD
      (cd data && git checkout --quiet --orphan record && git rm -rfq --ignore-unmatch .)
    fi
    ;;
  claim) claim ;;
  listen)
    # shellcheck disable=SC2086
    liqmap record $CONTRACTS --out data/tape --hours "${HOURS:-5.7}"
    claim  # the next run may begin late
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
if git rev-parse --quiet --verify HEAD > /dev/null; then
  git push --quiet origin HEAD:refs/heads/record
fi
