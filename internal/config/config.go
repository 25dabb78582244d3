// Package config reads easbot's configuration: one YAML file, each key also as an environment variable, every secret
// also from a file. It is strict: an unknown key, a wrong type or a bad value is a fault, and all faults come at once,
// each with its key and its line.
package config

import "time"

//go:generate go test -run TestReference -update

// Config is the whole configuration. The tags are the one source of the key names and of the environment variables
// (EASBOT_ and the path in capitals); the comments above the fields are the descriptions in docs/configuration.md.
type Config struct {
	// The directory: Active Directory over LDAP, always with TLS.
	LDAP LDAP `yaml:"ldap"`
	// The Exchange organisation.
	Exchange Exchange `yaml:"exchange"`
	// Where requests, the audit stream and jobs are kept.
	Redis Redis `yaml:"redis"`
	// The Slack app.
	Slack Slack `yaml:"slack"`
	// Who may decide. Whoever is in one of the three is an approver.
	Approvers Approvers `yaml:"approvers"`
	// How a Slack user is found in the directory.
	Identity Identity `yaml:"identity"`
	// The list of phones that are newly in quarantine.
	Digest Digest `yaml:"digest"`
	// The HTTP listener: Slack's requests in mode http; probes and metrics in both modes.
	HTTP HTTP `yaml:"http"`
	// The log, on standard error.
	Log Log `yaml:"log"`
}

// LDAP is the section ldap.
type LDAP struct {
	// Domain controllers, tried in order, the next one on failure. ldaps://host, or ldap://host with start_tls.
	URLs []string `yaml:"urls"`
	// The service account: a DN, or name@domain.
	BindDN string `yaml:"bind_dn"`
	// Its password.
	Password Secret `yaml:"password"`
	// A file that holds the password.
	PasswordFile string `yaml:"password_file"`
	// PEM file with the certificate authority of the controllers. The system's authorities when empty.
	CAFile string `yaml:"ca_file"`
	// Do not check certificates. For labs; warns on every start.
	InsecureSkipVerify bool `yaml:"insecure_skip_verify"`
	// Use StartTLS on ldap:// URLs. A bind without TLS is refused.
	StartTLS bool `yaml:"start_tls"`
	// Where people are searched. The domain's root, as the controller names it, when empty.
	BaseDN string `yaml:"base_dn"`
}

// Exchange is the section exchange.
type Exchange struct {
	// The group of the Exchange servers' computer accounts, as a DN or a sAMAccountName.
	ServersGroup string `yaml:"servers_group"`
	// ldap: easbot writes the decision to the directory. handoff: it shows the exact cmdlet and watches until somebody
	// has run it.
	Write string `yaml:"write"`
	// https://mail.example.com: where phones connect. No probe is sent when empty.
	ProbeURL string `yaml:"probe_url"`
	// How soon after an allow easbot first looks whether the phone has come back: 10s, 2m. At least 1s. The looks that
	// follow come ever later.
	WatchDelay time.Duration `yaml:"watch_delay"`
}

// The values of exchange.write.
const (
	WriteLDAP    = "ldap"
	WriteHandoff = "handoff"
)

// Redis is the section redis.
type Redis struct {
	// redis:// or rediss://, with user and password when needed. Several addresses, by comma, are a cluster; with
	// ?master_name= they are sentinels.
	URL Secret `yaml:"url"`
	// A file that holds the URL.
	URLFile string `yaml:"url_file"`
}

// Slack is the section slack.
type Slack struct {
	// socket: easbot connects to Slack (Socket Mode), nothing needs to be reachable from outside. http: Slack sends
	// signed requests to http.listen.
	Mode string `yaml:"mode"`
	// The bot token, xoxb-…
	BotToken Secret `yaml:"bot_token"`
	// A file that holds the bot token.
	BotTokenFile string `yaml:"bot_token_file"`
	// The app-level token with connections:write, xapp-…; needed in mode socket.
	AppToken Secret `yaml:"app_token"`
	// A file that holds the app-level token.
	AppTokenFile string `yaml:"app_token_file"`
	// The signing secret; needed in mode http.
	SigningSecret Secret `yaml:"signing_secret"`
	// A file that holds the signing secret.
	SigningSecretFile string `yaml:"signing_secret_file"`
	// Slack's Web API. Other than https:// is accepted for loopback addresses only.
	APIURL string `yaml:"api_url"`
	// The id of the channel for requests and the digest, C… The app must be a member.
	Channel string `yaml:"channel"`
}

// The values of slack.mode.
const (
	ModeSocket = "socket"
	ModeHTTP   = "http"
)

// Approvers is the section approvers.
type Approvers struct {
	// Ids of Slack user groups, S…
	UserGroups []string `yaml:"user_groups"`
	// Ids of Slack users, U…
	Users []string `yaml:"users"`
	// DN of a group in the directory; nested members count.
	ADGroup string `yaml:"ad_group"`
	// How many different approvers must say allow. Protected mailboxes always need at least 2.
	Count int `yaml:"count"`
}

// Identity is the section identity.
type Identity struct {
	// The directory attribute that holds the Slack user id. When empty, the confirmed e-mail address in Slack is
	// compared.
	LinkAttribute string `yaml:"link_attribute"`
}

// Digest is the section digest.
type Digest struct {
	// When to post: minute, hour, day of month, month, day of week. At most one digest a day is posted.
	Schedule string `yaml:"schedule"`
	// The time zone of the schedule, a name like Europe/Berlin.
	TimeZone string `yaml:"time_zone"`
}

// HTTP is the section http.
type HTTP struct {
	// host:port to listen on.
	Listen string `yaml:"listen"`
}

// Log is the section log.
type Log struct {
	// debug, info, warn or error.
	Level string `yaml:"level"`
	// json or text.
	Format string `yaml:"format"`
}

// Default returns the configuration before anything was read. Everything that has a default has it here.
func Default() *Config {
	return &Config{
		Exchange:  Exchange{ServersGroup: "Exchange Servers", Write: WriteLDAP, WatchDelay: 10 * time.Second},
		Redis:     Redis{URL: NewSecret("redis://127.0.0.1:6379/0")},
		Slack:     Slack{Mode: ModeSocket, APIURL: "https://slack.com/api/"},
		Approvers: Approvers{Count: 1},
		Digest:    Digest{Schedule: "0 8 * * 1-5", TimeZone: "UTC"},
		HTTP:      HTTP{Listen: "127.0.0.1:8080"},
		Log:       Log{Level: "info", Format: "json"},
	}
}

// StartWarnings returns what is set and works but should not stay, one sentence each, for every start's log.
func (c *Config) StartWarnings() []string {
	var w []string
	if c.LDAP.InsecureSkipVerify {
		w = append(w, "ldap.insecure_skip_verify is on: anybody in the network's path can read the service account's "+
			"password")
	}
	return w
}
