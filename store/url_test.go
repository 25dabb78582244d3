package store

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

func TestClientOptions_ReadsEveryFormOfAddress(t *testing.T) {
	type want struct {
		Addrs      []string
		DB         int
		User, Pass string
		Master     string
		TLS        bool
		ServerName string
	}
	for url, w := range map[string]want{
		"redis://127.0.0.1:6379/0": {Addrs: []string{"127.0.0.1:6379"}},
		"redis://r.example.com":    {Addrs: []string{"r.example.com:6379"}},
		"redis://r/3":              {Addrs: []string{"r:6379"}, DB: 3},
		"redis://[::1]:7000":       {Addrs: []string{"[::1]:7000"}},
		"redis://u:p%40ss@r:1/0":   {Addrs: []string{"r:1"}, User: "u", Pass: "p@ss"},
		"redis://:secret@r:1":      {Addrs: []string{"r:1"}, Pass: "secret"},
		"rediss://r.example.com:6380/1": {Addrs: []string{"r.example.com:6380"}, DB: 1, TLS: true,
			ServerName: "r.example.com"},
		"redis://:s@a:1,b:2,c":             {Addrs: []string{"a:1", "b:2", "c:6379"}, Pass: "s"},
		"redis://a,b":                      {Addrs: []string{"a:6379", "b:6379"}},
		"redis://a:1,b":                    {Addrs: []string{"a:1", "b:6379"}},
		"rediss://a:1,b:2":                 {Addrs: []string{"a:1", "b:2"}, TLS: true},
		"redis://s1,s2:5/2?master_name=mm": {Addrs: []string{"s1:26379", "s2:5"}, DB: 2, Master: "mm"},
	} {
		o, err := clientOptions(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		got := want{Addrs: o.Addrs, DB: o.DB, User: o.Username, Pass: o.Password, Master: o.MasterName,
			TLS: o.TLSConfig != nil}
		if o.TLSConfig != nil {
			got.ServerName = o.TLSConfig.ServerName
		}
		if d := cmp.Diff(w, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", url, d)
		}
		if !o.ContextTimeoutEnabled {
			t.Errorf("%s: calls outlive their context", url)
		}
	}
}

func TestOpen_ChoosesTheClient(t *testing.T) {
	for url, cluster := range map[string]bool{"redis://a:1": false, "redis://a:1,b:2": true,
		"redis://a:1,b:2?master_name=m": false} {
		r, err := Open(url)
		if err != nil {
			t.Fatal(err)
		}
		if _, is := r.Client().(*redis.ClusterClient); is != cluster {
			t.Errorf("%s: a cluster client: %v", url, is)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpen_ErrorsNeverHoldThePassword(t *testing.T) {
	for _, url := range []string{
		"", "redis:", "http://u:hunter2@r", "unix://u:hunter2@/run/redis.sock", "redis://u:hunter2@r:port",
		"redis://u:hunter2%zz@r",
		"redis://u:hunter2@r/database", "redis://u:hunter2@r/1/2", "redis://u:hunter2@r?pool=many",
		"redis://u:hunter2@r?db=x",
		"redis://u:hunter2@a:1,b:port", "redis://u:hunter2@a:1,[::", "redis://u:hunter2@r:1\x7f", "u:hunter2@r:1",
	} {
		_, err := Open(url)
		if err == nil {
			t.Errorf("%q is taken", url)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error holds the password: %v", url, err)
		}
	}
}
