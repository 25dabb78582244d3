package diag

import (
	"slices"
	"strings"

	"easbot/internal/eas"
	"easbot/internal/exchange"
	"easbot/internal/messages"
)

// checkExternalURLs remarks on the addresses that Autodiscover tells phones. A phone whose owner types the server's
// name needs none of them, so that they decide nothing.
func (d *diagnosis) checkExternalURLs() {
	directories := d.snapshot.Org.VirtualDirectories
	if !directories.OK() {
		d.noteUnread(directories.From, directories.Err, OK)
		return
	}
	var with, without []eas.VirtualDirectory
	for _, v := range directories.Value {
		if v.IsBackEnd() {
			continue
		}
		address, ok := readOr(d, v.External, "", OK)
		switch {
		case !ok:
			return // what could not be read may be the one that phones are told
		case address == "":
			without = append(without, v)
		default:
			with = append(with, v)
		}
	}
	for _, v := range with {
		if address, _ := v.External.IfPresent(); !eas.IsActiveSyncURL(address) {
			d.addExternalURL(v, address, nil)
		}
	}
	switch {
	case len(with) == 0 && len(without) > 0:
		d.addExternalURL(without[0], "", without, "missing")
	case len(with) > 0 && len(without) > 0:
		d.addExternalURL(without[0], "", without, "uneven")
	}
}

// addExternalURL reports a server whose address is wrong, or the servers that have none.
func (d *diagnosis) addExternalURL(v eas.VirtualDirectory, address string, servers []eas.VirtualDirectory,
	variants ...string,
) {
	var names []string
	for _, s := range servers {
		names = append(names, eas.Clean(s.Server, 60))
	}
	slices.Sort(names)
	shown := address
	if shown == "" {
		shown = "not set"
	}
	h := hit{Code: CauseExternalURL, Variants: variants, Values: messages.Values{
		"server": eas.Clean(v.Server, 60), "url": eas.Clean(address, 200), "servers": strings.Join(names, ", "),
	}, Evidence: []Evidence{newEvidence(v.DN, "msExchExternalHostName", shown)}}
	h.Commands = exchange.Script(exchange.ManagementShell, needsOrganised, "",
		"Get-ActiveSyncVirtualDirectory | Format-List 'Identity', 'ExternalUrl', 'InternalUrl'")
	d.addFinding(h)
}
