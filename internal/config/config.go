// Package config reads easbot's configuration: one YAML file, each key also as an environment variable, every secret
// also from a file. It is strict: an unknown key, a wrong type or a bad value is a fault, and all faults come at once,
// each with its key and its line.
package config

import "time"

//go:generate go test -run TestReference -update

// Config is the whole configuration. The tags are the one source of the key names, of the environment variables
// (EASBOT_ and the path in capitals) and of docs/configuration.md.
type Config struct {
	LDAP      LDAP      `yaml:"ldap" doc:"The directory: Active Directory over LDAP, always with TLS."`
	Exchange  Exchange  `yaml:"exchange" doc:"The Exchange organisation."`
	Redis     Redis     `yaml:"redis" doc:"Where requests, the audit stream and jobs are kept."`
	Slack     Slack     `yaml:"slack" doc:"The Slack app."`
	Approvers Approvers `yaml:"approvers" doc:"Who may decide. Whoever is in one of the three is an approver."`
	Identity  Identity  `yaml:"identity" doc:"How a Slack user is found in the directory."`
	Digest    Digest    `yaml:"digest" doc:"The list of phones that are newly in quarantine."`
	HTTP      HTTP      `yaml:"http" doc:"The HTTP listener: Slack's requests in mode http; probes and metrics in both modes."`
	Log       Log       `yaml:"log" doc:"The log, on standard error."`
}

// LDAP is the section ldap.
type LDAP struct {
	URLs               []string `yaml:"urls" doc:"Domain controllers, tried in order, the next one on failure. ldaps://host, or ldap://host with start_tls."`
	BindDN             string   `yaml:"bind_dn" doc:"The service account: a DN, or name@domain."`
	Password           Secret   `yaml:"password" doc:"Its password."`
	PasswordFile       string   `yaml:"password_file" doc:"A file that holds the password."`
	CAFile             string   `yaml:"ca_file" doc:"PEM file with the certificate authority of the controllers. The system's authorities when empty."`
	InsecureSkipVerify bool     `yaml:"insecure_skip_verify" doc:"Do not check certificates. For labs; warns on every start."`
	StartTLS           bool     `yaml:"start_tls" doc:"Use StartTLS on ldap:// URLs. A bind without TLS is refused."`
	BaseDN             string   `yaml:"base_dn" doc:"Where people are searched. The domain's root, as the controller names it, when empty."`
}

// Exchange is the section exchange.
type Exchange struct {
	ServersGroup string `yaml:"servers_group" doc:"The group of the Exchange servers' computer accounts, as a DN or a sAMAccountName."`
	Write        string `yaml:"write" doc:"ldap: easbot writes the decision to the directory. handoff: it shows the exact cmdlet and watches until somebody has run it."`
	ProbeURL     string `yaml:"probe_url" doc:"https://mail.example.com: where phones connect. No probe is sent when empty."`
	// WatchDelay is how soon after a decision the phone's return is looked for first; the looks that follow come ever later.
	WatchDelay time.Duration `yaml:"watch_delay" doc:"How soon after an allow easbot first looks whether the phone has come back: 10s, 2m. At least 1s."`
}

// The values of exchange.write.
const (
	WriteLDAP    = "ldap"
	WriteHandoff = "handoff"
)

// Redis is the section redis.
type Redis struct {
	URL     Secret `yaml:"url" doc:"redis:// or rediss://, with user and password when needed. Several addresses, by comma, are a cluster; with ?master_name= they are sentinels."`
	URLFile string `yaml:"url_file" doc:"A file that holds the URL."`
}

// Slack is the section slack.
type Slack struct {
	Mode              string `yaml:"mode" doc:"socket: easbot connects to Slack (Socket Mode), nothing needs to be reachable from outside. http: Slack sends signed requests to http.listen."`
	BotToken          Secret `yaml:"bot_token" doc:"The bot token, xoxb-…"`
	BotTokenFile      string `yaml:"bot_token_file" doc:"A file that holds the bot token."`
	AppToken          Secret `yaml:"app_token" doc:"The app-level token with connections:write, xapp-…; needed in mode socket."`
	AppTokenFile      string `yaml:"app_token_file" doc:"A file that holds the app-level token."`
	SigningSecret     Secret `yaml:"signing_secret" doc:"The signing secret; needed in mode http."`
	SigningSecretFile string `yaml:"signing_secret_file" doc:"A file that holds the signing secret."`
	APIURL            string `yaml:"api_url" doc:"Slack's Web API. Other than https:// is accepted for loopback addresses only."`
	Channel           string `yaml:"channel" doc:"The id of the channel for requests and the digest, C… The app must be a member."`
}

// The values of slack.mode.
const (
	ModeSocket = "socket"
	ModeHTTP   = "http"
)

// Approvers is the section approvers.
type Approvers struct {
	UserGroups []string `yaml:"user_groups" doc:"Ids of Slack user groups, S…"`
	Users      []string `yaml:"users" doc:"Ids of Slack users, U…"`
	ADGroup    string   `yaml:"ad_group" doc:"DN of a group in the directory; nested members count."`
	Count      int      `yaml:"count" doc:"How many different approvers must say allow. Protected mailboxes always need at least 2."`
}

// Identity is the section identity.
type Identity struct {
	LinkAttribute string `yaml:"link_attribute" doc:"The directory attribute that holds the Slack user id. When empty, the confirmed e-mail address in Slack is compared."`
}

// Digest is the section digest.
type Digest struct {
	Schedule string `yaml:"schedule" doc:"When to post: minute, hour, day of month, month, day of week. At most one digest a day is posted."`
	TimeZone string `yaml:"time_zone" doc:"The time zone of the schedule, a name like Europe/Berlin."`
}

// HTTP is the section http.
type HTTP struct {
	Listen string `yaml:"listen" doc:"host:port to listen on."`
}

// Log is the section log.
type Log struct {
	Level  string `yaml:"level" doc:"debug, info, warn or error."`
	Format string `yaml:"format" doc:"json or text."`
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
		w = append(w, "ldap.insecure_skip_verify is on: anybody in the network's path can read the service account's password")
	}
	return w
}
