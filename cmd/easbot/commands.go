package main

import "github.com/spf13/cobra"

// allCommands is the list that `easbot help` shows; each has a file of its own.
func (a *app) allCommands() []*cobra.Command {
	return []*cobra.Command{
		a.serveCommand(),
		a.whyCommand(),
		a.explainCommand(),
		a.guideCommand(),
		a.quarantineCommand(),
		a.digestCommand(),
		a.historyCommand(),
		a.checkCommand(),
		a.manifestCommand(),
		a.versionCommand(),
		a.healthcheckCommand(),
	}
}
