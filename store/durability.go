package store

import (
	"context"
	"net"
	"net/url"
	"strings"
)

// Risk is one thing about the Redis at hand by which decisions can be lost or made by others.
type Risk struct {
	What string // what is so, and what is lost by it
	Fix  string
}

// Risks asks Redis how it keeps what it is given. rawURL is the configured address. What Redis does not tell is a risk
// of its own: it may be any of them. Errors wrap eas.ErrUnavailable.
func (r *Redis) Risks(ctx context.Context, rawURL string) ([]Risk, error) {
	if err := r.Ping(ctx); err != nil {
		return nil, err
	}
	risks := risksOfAddress(rawURL)
	settings, err := r.client.ConfigGet(ctx, "*").Result()
	if err != nil { // hosted ones forbid it
		untold := Risk{"Redis does not tell how it keeps data (CONFIG GET is refused): whether a restart loses " +
			"requests and history is not known.",
			"Ask who runs it for maxmemory-policy noeviction and appendonly yes, or permit CONFIG GET."}
		return append(risks, untold), nil //nolint:nilerr // that it refuses is what is told
	}
	if policy := settings["maxmemory-policy"]; policy != "" && policy != "noeviction" {
		risks = append(risks, Risk{"Redis throws data away when its memory is full (maxmemory-policy " + policy +
			"): open requests and decisions can be gone without a trace.", "Set maxmemory-policy noeviction."})
	}
	if settings["appendonly"] != "yes" {
		lost := "Redis writes to disk only now and then (appendonly no): a crash loses the last minutes, decisions too."
		if strings.TrimSpace(settings["save"]) == "" {
			lost = "Redis writes nothing to disk (appendonly no, save empty): a restart loses every request and the " +
				"whole history."
		}
		risks = append(risks, Risk{lost, "Set appendonly yes; appendfsync everysec loses at most a second."})
	}
	if user, err := r.client.ACLWhoAmI(ctx).Result(); err == nil && user == "default" && settings["requirepass"] == "" {
		risks = append(risks, Risk{"Redis asks for no password: whoever reaches it can change requests.",
			"Set requirepass, or a user of its own, and write it into redis.url."})
	}
	return risks, nil
}

// risksOfAddress are those that the address alone shows: no TLS to another machine.
func risksOfAddress(rawURL string) []Risk {
	hosts, withHost := splitHosts(rawURL)
	for _, h := range hosts {
		u, err := url.Parse(withHost(h))
		if err != nil || u.Scheme != "redis" || isLoopback(u.Hostname()) {
			continue
		}
		return []Risk{{"The way to Redis on another machine is not encrypted (redis://): its password and all " +
			"requests can be read and changed on it.", "Switch TLS on at Redis, and write rediss:// into redis.url."}}
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
