package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"easbot/internal/ad"
	"easbot/internal/config"
	"easbot/internal/eas"
)

// waiting is one line of `easbot quarantine`; its JSON is for scripts.
type waiting struct {
	Mailbox   string    `json:"mailbox"` // address
	Name      string    `json:"name"`
	DN        string    `json:"dn"` // of the mailbox's user object
	DeviceID  string    `json:"device_id"`
	Type      string    `json:"type"`
	Model     string    `json:"model"`
	OS        string    `json:"os"`
	UserAgent string    `json:"user_agent"`
	Reason    string    `json:"reason"`
	Since     time.Time `json:"since,omitzero"`
}

func (a *app) quarantineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "quarantine",
		Short: "List what waits in quarantine now",
		Args:  exactArgs(0, "no argument"),
	}
	f := formatFlag(cmd, "text", "json", "csv")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withDirectory(cmd, func(_ *config.Config, d *ad.Directory) error {
			found, err := d.Quarantined(cmd.Context())
			if err != nil {
				return err
			}
			list := listWaiting(found.Waiting)
			if len(list) == 0 && len(found.Unseen) == 0 {
				a.printError("Nothing waits in quarantine.\n")
			}
			if err := f.writeAs(a.out, quarantineTable(list), list); err != nil {
				return err
			}
			return a.tellUnseen(found.Unseen)
		})
	}
	return cmd
}

// tellUnseen says what could not be looked at, and how to show it: the list is not complete then, which is an error.
func (a *app) tellUnseen(unseen []eas.Hidden) error {
	if len(unseen) == 0 {
		return nil
	}
	const shown = 20
	for _, h := range unseen[:min(len(unseen), shown)] {
		a.printError("not looked at: %s: %s\n", h.What(), eas.Clean(h.Error(), 1000))
	}
	if more := len(unseen) - shown; more > 0 {
		a.printError("and %d more\n", more)
	}
	return fmt.Errorf("the list is not complete: %d people or phones could not be looked at", len(unseen))
}

// listWaiting is what was found, the longest waiting first; never nil.
func listWaiting(found []eas.Waiting) []waiting {
	list := make([]waiting, 0, len(found))
	for _, w := range found {
		since := w.Device.FirstSync
		if since.IsZero() {
			since = w.Device.Created
		}
		list = append(list, waiting{
			Mailbox: w.Mailbox.ShellIdentity(), Name: w.Mailbox.DisplayName, DN: w.Mailbox.DN,
			DeviceID: w.Device.ID, Type: w.Device.Type.Shown(), Model: w.Device.Model.Shown(), OS: w.Device.OS.Shown(),
			UserAgent: w.Device.UserAgent.Shown(),
			Reason:    w.Device.Reason.Shown().String(), Since: since,
		})
	}
	slices.SortFunc(list, func(a, b waiting) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Mailbox, b.Mailbox), cmp.Compare(a.DeviceID, b.DeviceID))
	})
	return list
}

func quarantineTable(list []waiting) table {
	t := table{head: []string{"since", "mailbox", "type", "model", "os", "reason", "device_id"}}
	for _, w := range list {
		t.rows = append(t.rows, []string{formatTime(w.Since), w.Mailbox, w.Type, w.Model, w.OS, w.Reason, w.DeviceID})
	}
	return t
}

// formatTime is a time for tables, in UTC; empty when it is not known.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04Z")
}
