package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"easbot/internal/config"
)

// healthTimeout is shorter than the timeout that the image's HEALTHCHECK has.
const healthTimeout = 3 * time.Second

// healthcheckCommand asks the running bot whether it is alive; the image has no other program that could.
func (a *app) healthcheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "healthcheck",
		Short:  "Ask the bot on this machine whether it is alive",
		Hidden: true,
		Args:   exactArgs(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.loadConfig(cmd, config.Needs{})
			if err != nil {
				// Docker reserves status 2 of a health check.
				return fmt.Errorf("the configuration has faults: %s", err.Error())
			}
			return askAlive(cmd.Context(), cfg.HTTP.Listen)
		},
	}
}

// askAlive is nil when /livez at the listen address answers 200.
func askAlive(ctx context.Context, listen string) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("http.listen: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/livez", nil)
	if err != nil {
		return err
	}
	// Never through a proxy: the question is for this machine.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask the bot: %w", err)
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the bot answers %s", resp.Status)
	}
	return nil
}
