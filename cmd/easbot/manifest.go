package main

import (
	"github.com/spf13/cobra"

	"easbot/handlers"
)

func (a *app) manifestCommand() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "manifest",
		Short: "Print the manifest of the Slack app",
		Long: "Print the manifest of the Slack app, to paste where Slack asks for one when an app is created: for " +
			"Socket Mode, or for HTTP with --url.",
		Args: exactArgs(0, "no argument"),
	}
	cmd.Flags().StringVar(&url, "url", "", "the https `URL` under which Slack reaches easbot (slack.mode http)")
	cmd.RunE = func(*cobra.Command, []string) error {
		manifest, err := handlers.Manifest(url)
		if err != nil {
			return usageError{err}
		}
		_, err = a.out.Write(manifest)
		return err
	}
	return cmd
}
