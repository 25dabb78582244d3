package diag

import (
	"slices"

	"easbot/internal/eas"
	"easbot/internal/exchange"
	"easbot/internal/messages"
)

// HandOver is what somebody does who can see what Active Directory does not show: on the Exchange server, on the
// network, at the phone. What it prints is for easbot explain.
type HandOver struct {
	Key      string   `json:"key"`
	Who      string   `json:"who"`
	Question string   `json:"question"`           // what it answers
	Steps    string   `json:"steps"`              // what to do, and what to bring back
	Commands []string `json:"commands,omitempty"` // a script, with its shell in the first line
	After    []string `json:"after,omitempty"`    // the script that ends it, and puts back what was changed
}

// handOver is one row of the table. Its texts are rows of the catalogue: hand-over.<key>.question and .steps.
type handOver struct {
	key string
	who string
	// always is asked whenever the directory shows nothing that stops a phone; the others belong to the guide.
	always bool
	script func(subject) (commands, after []string)
}

// subject is the mailbox that a hand-over is about.
type subject struct {
	mailbox string // as a command names it
	about   string // as its first line names it
	version exchange.Version
}

func (s subject) script(right string, lines ...string) []string {
	return exchange.Script(exchange.ManagementShell, right, s.about, lines...)
}

// handOvers is the table, in the order in which they are worth trying.
var handOvers = []handOver{
	{key: "last-sync", who: WhoExchange, always: true, script: scriptLastSync},
	{key: "sign-in", who: WhoExchange, always: true, script: scriptSignIn},
	{key: "virtual-directory", who: WhoExchange, always: true, script: scriptVirtualDirectory},
	{key: "mailbox-size", who: WhoExchange, always: true, script: scriptMailboxSize},
	{key: "iis-log", who: WhoExchange, always: true},
	{key: "mailbox-log", who: WhoExchange, script: scriptMailboxLog},
	{key: "connectivity-analyzer", who: WhoExchange},
	{key: "policy-trial", who: WhoExchange, script: scriptPolicyTrial},
	{key: "account-again", who: WhoOwner},
	{key: "folder-again", who: WhoOwner},
	{key: "open-in-outlook", who: WhoOwner},
	{key: "app-pool", who: WhoExchange, script: scriptAppPool},
	{key: "default-domain", who: WhoExchange},
	{key: "application-log", who: WhoExchange, script: scriptApplicationLog},
	{key: "failed-request-tracing", who: WhoExchange},
	{key: "size-limit", who: WhoExchange, script: scriptSizeLimit},
	{key: "antivirus-filter", who: WhoExchange, script: scriptAntivirusFilter},
	{key: "performance", who: WhoExchange},
	{key: "http-trace", who: WhoExchange},
	{key: "mapi", who: WhoExchange},
	{key: "maker", who: WhoHelpdesk},
	{key: "support", who: WhoExchange},
}

// HandOvers returns the whole table, with the scripts for a mailbox of which only a placeholder is known.
func HandOvers() []HandOver {
	all := make([]HandOver, 0, len(handOvers))
	for _, h := range handOvers {
		all = append(all, h.about(subject{mailbox: "<mailbox>", about: "<mailbox>", version: exchange.Version2013}))
	}
	return all
}

// about fills a row for one mailbox.
func (h handOver) about(s subject) HandOver {
	out := HandOver{Key: h.key, Who: h.who, Question: messages.English.Text("hand-over."+h.key+".question", nil),
		Steps: messages.English.Text("hand-over."+h.key+".steps", nil)}
	if h.script != nil {
		out.Commands, out.After = h.script(s)
	}
	return out
}

// handOversOf are the questions that are left when the directory shows nothing that stops a phone.
func (d *diagnosis) handOversOf(verdict Verdict) []HandOver {
	found := slices.ContainsFunc(d.findings, func(f judgedFinding) bool { return f.Severity == Blocking })
	elsewhere := slices.ContainsFunc(d.traceLines, func(t TraceLine) bool {
		return t.Step == StepActiveSync && t.Outcome == Skip
	})
	if found || elsewhere || !slices.Contains([]Verdict{OK, Unknown}, verdict) {
		return nil
	}
	m := d.snapshot.Mailbox
	var left []HandOver
	for _, h := range handOvers {
		if h.always {
			left = append(left, h.about(subject{mailbox: identityOf(m), about: eas.Clean(m.ShellIdentity(), 200),
				version: d.version()}))
		}
	}
	return left
}
