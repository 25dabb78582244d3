package store

import "strings"

// prefix starts every key. The braces make all keys of one slot, so that scripts work on a cluster.
const prefix = "{easbot}:"

// The keys of which there is one each.
const (
	openKey   = prefix + "open"
	owingKey  = prefix + "owing"
	auditKey  = prefix + "audit"
	headKey   = prefix + "audit:head"
	seenKey   = prefix + "digest:seen"
	seenAtKey = prefix + "digest:seen:at"
	lastKey   = prefix + "digest:last"
)

func requestKey(id string) string     { return prefix + "request:" + id }
func deviceKey(guid string) string    { return prefix + "device:" + strings.ToLower(guid) }
func byMailboxKey(guid string) string { return prefix + "audit:mailbox:" + strings.ToLower(guid) }
func byRequestKey(id string) string   { return prefix + "audit:request:" + id }
func digestKey(id string) string      { return prefix + "digest:" + id }

// buttonStateKey keeps the word of the first version: buttons of answers that were given before an update still work.
func buttonStateKey(id string) string { return prefix + "ticket:" + id }
