package bot

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the bot's own figures, in a registry of their own. Labels come from fixed sets, never from payloads.
type metrics struct {
	registry   *prometheus.Registry
	acks       *prometheus.HistogramVec // by transport
	received   *prometheus.CounterVec   // by kind and result
	jobs       *prometheus.CounterVec   // by kind and result
	slackCalls *prometheus.CounterVec   // by method and result
	sockets    prometheus.Gauge
	ready      *prometheus.GaugeVec // by dependency
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		acks: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "easbot_ack_seconds",
			Help:    "Time from a request's arrival to its acknowledgement.",
			Buckets: []float64{.001, .005, .01, .05, .1, .25, .5, 1, 3}}, []string{"transport"}),
		received: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "easbot_received_total",
			Help: "What Slack sent."}, []string{"kind", "result"}),
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "easbot_jobs_total",
			Help: "Jobs carried out."}, []string{"kind", "result"}),
		slackCalls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "easbot_slack_calls_total",
			Help: "Calls of Slack's Web API."}, []string{"method", "result"}),
		sockets: prometheus.NewGauge(prometheus.GaugeOpts{Name: "easbot_socket_connections",
			Help: "Socket Mode connections that are up."}),
		ready: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "easbot_dependency_up",
			Help: "1 when the dependency answered the last time it was asked."}, []string{"dependency"}),
	}
	m.registry.MustRegister(m.acks, m.received, m.jobs, m.slackCalls, m.sockets, m.ready,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) httpHandler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}
