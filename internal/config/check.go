package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// checker collects the faults of values; the loader adds where each value came from.
type checker struct{ faults Faults }

func (k *checker) addFault(key, format string, args ...any) {
	k.faults = append(k.faults, Fault{Key: key, Message: fmt.Sprintf(format, args...)})
}

// requireGiven reports a key that must have a value.
func (k *checker) requireGiven(key string, given bool, why string) {
	if !given {
		k.addFault(key, "missing%s", why)
	}
}

// oneOf reports a value that is not in the list.
func (k *checker) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		k.addFault(key, "%s is not one of: %s", quoteName(value), strings.Join(allowed, ", "))
	}
}

// checkEach reports a bad value of the list, the first one.
func (k *checker) checkEach(key string, values []string, check func(string) error) {
	for i, v := range values {
		if err := check(v); err != nil {
			k.addFault(key, "item %d: %v", i+1, err)
			return
		}
	}
}

// findFaults returns everything that is wrong with the values. What is given must be right even when the command does
// not need it; what is missing is a fault only when it does.
func (c *Config) findFaults(needs Needs) Faults {
	k := &checker{}
	c.checkLDAP(k, needs.Directory)
	c.checkExchange(k)
	c.checkRedis(k, needs.Redis)
	c.checkSlack(k, needs.Slack)
	c.checkApprovers(k, needs.Slack)
	if a := c.Identity.LinkAttribute; a != "" && !attributeName.MatchString(a) {
		k.addFault("identity.link_attribute", "%s is not the name of an attribute", quoteName(a))
	}
	if err := checkSchedule(c.Digest.Schedule); err != nil {
		k.addFault("digest.schedule", "%v", err)
	}
	if err := checkZone(c.Digest.TimeZone); err != nil {
		k.addFault("digest.time_zone", "%v", err)
	}
	if err := checkListen(c.HTTP.Listen); err != nil {
		k.addFault("http.listen", "%v", err)
	}
	k.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	k.oneOf("log.format", c.Log.Format, "json", "text")
	return k.faults
}

var (
	attributeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)
	channelID     = regexp.MustCompile(`^[CG][A-Z0-9]{2,30}$`)
	userID        = regexp.MustCompile(`^[UW][A-Z0-9]{2,30}$`)
	userGroupID   = regexp.MustCompile(`^S[A-Z0-9]{2,30}$`)
)

func (c *Config) checkLDAP(k *checker, needed bool) {
	if needed {
		k.requireGiven("ldap.urls", len(c.LDAP.URLs) > 0, "")
		k.requireGiven("ldap.bind_dn", c.LDAP.BindDN != "", "")
		k.requireGiven("ldap.password", !c.LDAP.Password.IsZero(), "; or give ldap.password_file")
	}
	k.checkEach("ldap.urls", c.LDAP.URLs, func(v string) error { return checkLDAPURL(v, c.LDAP.StartTLS) })
	if c.LDAP.CAFile != "" {
		if err := checkAuthority(c.LDAP.CAFile); err != nil {
			k.addFault("ldap.ca_file", "%v", err)
		}
	}
	if dn := c.LDAP.BaseDN; dn != "" && !strings.Contains(dn, "=") {
		k.addFault("ldap.base_dn", "%s is not a DN", quoteName(dn))
	}
}

// checkLDAPURL refuses everything that would send the password without TLS.
func checkLDAPURL(v string, startTLS bool) error {
	u, err := parseURL(v, "ldaps", "ldap")
	if err != nil {
		return err
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return errors.New("want only the scheme, the host and a port")
	}
	if u.Scheme == "ldap" && !startTLS {
		return errors.New("ldap:// would send the password without TLS; use ldaps://, or set ldap.start_tls")
	}
	return nil
}

func checkAuthority(path string) error {
	data, err := readLimited(path, maxFile)
	if err != nil {
		return err
	}
	if !x509.NewCertPool().AppendCertsFromPEM(data) {
		return errors.New("the file has no PEM certificate")
	}
	return nil
}

func (c *Config) checkExchange(k *checker) {
	k.requireGiven("exchange.servers_group", c.Exchange.ServersGroup != "", "")
	k.oneOf("exchange.write", c.Exchange.Write, WriteLDAP, WriteHandoff)
	if v := c.Exchange.ProbeURL; v != "" {
		if _, err := parseURL(v, "https"); err != nil {
			k.addFault("exchange.probe_url", "%v", err)
		}
	}
	if d := c.Exchange.WatchDelay; d < time.Second || d > time.Hour {
		k.addFault("exchange.watch_delay", "%v is not between 1s and 1h", d)
	}
}

func (c *Config) checkRedis(k *checker, needed bool) {
	v := c.Redis.URL.Reveal()
	if v == "" {
		if needed {
			k.addFault("redis.url", "missing")
		}
		return
	}
	// The rest of the URL, which may name several addresses, is for the store to read.
	rest, ok := strings.CutPrefix(v, "redis://")
	if !ok {
		rest, ok = strings.CutPrefix(v, "rediss://")
	}
	if !ok || rest == "" || strings.ContainsAny(v, " \t\r\n") {
		k.addFault("redis.url", "want redis://host:port/number or rediss://…")
	}
}

func (c *Config) checkSlack(k *checker, needed bool) {
	k.oneOf("slack.mode", c.Slack.Mode, ModeSocket, ModeHTTP)
	if needed {
		k.requireGiven("slack.bot_token", !c.Slack.BotToken.IsZero(), "; or give slack.bot_token_file")
		k.requireGiven("slack.app_token", !c.Slack.AppToken.IsZero() || c.Slack.Mode != ModeSocket,
			"; mode socket needs it (or slack.app_token_file)")
		k.requireGiven("slack.signing_secret", !c.Slack.SigningSecret.IsZero() || c.Slack.Mode != ModeHTTP,
			"; mode http needs it (or slack.signing_secret_file)")
		k.requireGiven("slack.channel", c.Slack.Channel != "", "; the id of the channel for requests and the digest")
	}
	token := func(key string, s Secret, prefix string) {
		if v := s.Reveal(); v != "" && (!strings.HasPrefix(v, prefix) || strings.ContainsAny(v, " \t\r\n")) {
			k.addFault(key, "want a token that begins with %s", prefix)
		}
	}
	token("slack.bot_token", c.Slack.BotToken, "xoxb-")
	token("slack.app_token", c.Slack.AppToken, "xapp-")
	if v := c.Slack.Channel; v != "" && !channelID.MatchString(v) {
		k.addFault("slack.channel", "%s is not a channel's id (C…); Slack shows it at the bottom of the channel's "+
			"details", quoteName(v))
	}
	u, err := parseURL(c.Slack.APIURL, "https", "http")
	switch {
	case err != nil:
		k.addFault("slack.api_url", "%v", err)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		k.addFault("slack.api_url",
			"http:// would send the token without TLS; it is accepted for loopback addresses only")
	case !strings.HasSuffix(c.Slack.APIURL, "/"):
		k.addFault("slack.api_url", "must end with /")
	}
}

func (c *Config) checkApprovers(k *checker, needed bool) {
	if needed && len(c.Approvers.UserGroups) == 0 && len(c.Approvers.Users) == 0 && c.Approvers.ADGroup == "" {
		k.addFault("approvers", "missing: give at least one of user_groups, users, ad_group")
	}
	id := func(pattern *regexp.Regexp, what string) func(string) error {
		return func(v string) error {
			if !pattern.MatchString(v) {
				return fmt.Errorf("%s is not the id of a Slack %s", quoteName(v), what)
			}
			return nil
		}
	}
	k.checkEach("approvers.user_groups", c.Approvers.UserGroups, id(userGroupID, "user group (S…)"))
	k.checkEach("approvers.users", c.Approvers.Users, id(userID, "user (U…)"))
	if n := c.Approvers.Count; n < 1 || n > 10 {
		k.addFault("approvers.count", "%d is not between 1 and 10", n)
	}
}

// checkSchedule refuses what the schedule's parser panics on, what would be more or less than times of a day, and
// what never comes.
func checkSchedule(spec string) (err error) {
	defer func() {
		if recover() != nil { // the parser panics on "TZ=0"
			err = errors.New("not a schedule")
		}
	}()
	if spec == "" {
		return errors.New("missing")
	}
	if strings.Contains(spec, "TZ=") {
		return errors.New("the time zone goes into digest.time_zone")
	}
	if strings.HasPrefix(spec, "@") {
		return errors.New(`want five fields, like "0 8 * * 1-5"`)
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return fmt.Errorf(`want five fields, like "0 8 * * 1-5": %w`, err)
	}
	if schedule.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return errors.New("no such day ever comes")
	}
	return nil
}

func checkZone(name string) error {
	if name == "" {
		return errors.New("missing")
	}
	if name == "Local" {
		return errors.New("want a name like Europe/Berlin: Local differs from machine to machine")
	}
	if _, err := time.LoadLocation(name); err != nil {
		return fmt.Errorf("%s is not a time zone like Europe/Berlin", quoteName(name))
	}
	return nil
}

func checkListen(v string) error {
	host, port, err := net.SplitHostPort(v)
	if err != nil {
		return fmt.Errorf("%s is not host:port", quoteName(v))
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%s is not a port", quoteName(port))
	}
	if strings.ContainsAny(host, " /") {
		return fmt.Errorf("%s is not a host", quoteName(host))
	}
	return nil
}

// parseURL reads a URL with one of the schemes, a host, a good port and no password. Errors do not quote the URL,
// since somebody may have put a password into it.
func parseURL(v string, schemes ...string) (*url.URL, error) {
	want := strings.Join(schemes, ":// or ") + "://host"
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" || !slices.Contains(schemes, u.Scheme) || strings.ContainsAny(v, " \t\r\n") {
		return nil, fmt.Errorf("want %s", want)
	}
	if u.User != nil {
		return nil, errors.New("no user or password in this URL")
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return nil, fmt.Errorf("%s is not a port", quoteName(p))
		}
	}
	if u.Fragment != "" {
		return nil, fmt.Errorf("want %s", want)
	}
	return u, nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
