complete --keep-order --exclusive --command prebuildctl --arguments "(COMPLETE=fish prebuildctl -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
