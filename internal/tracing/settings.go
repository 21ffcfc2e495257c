package tracing

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Settings say where spans go. The variables are OpenTelemetry's own, see
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/; what names traces
// wins over what is for all signals. Which spans are kept and how many wait
// (OTEL_TRACES_SAMPLER, OTEL_BSP_…, OTEL_SPAN_…, OTEL_RESOURCE_ATTRIBUTES,
// OTEL_SERVICE_NAME) its library reads itself.
type Settings struct {
	Endpoint       string `env:"EXPORTER_OTLP_ENDPOINT"`
	TracesEndpoint string `env:"EXPORTER_OTLP_TRACES_ENDPOINT"`
	Headers        string `env:"EXPORTER_OTLP_HEADERS"`
	TracesHeaders  string `env:"EXPORTER_OTLP_TRACES_HEADERS"`
	Protocol       string `env:"EXPORTER_OTLP_PROTOCOL"`
	TracesProtocol string `env:"EXPORTER_OTLP_TRACES_PROTOCOL"`
	Timeout        string `env:"EXPORTER_OTLP_TIMEOUT"`
	TracesTimeout  string `env:"EXPORTER_OTLP_TRACES_TIMEOUT"`
	Exporter       string `env:"TRACES_EXPORTER"`
	Disabled       string `env:"SDK_DISABLED"`
}

// Names are the variables of Settings.
func Names() []string {
	return []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
		"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
		"OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED",
	}
}

// On reports whether anything is traced.
func (s Settings) On() bool {
	return cmp.Or(s.TracesEndpoint, s.Endpoint) != "" && s.Exporter != "none" && !strings.EqualFold(s.Disabled, "true")
}

// Check says what is wrong, a sentence each.
func (s Settings) Check() (problems []string) {
	if !s.On() {
		return nil
	}
	for name, address := range map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": s.Endpoint, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": s.TracesEndpoint} {
		if u, err := url.Parse(address); address != "" && (err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "") {
			problems = append(problems, name+": write the collector's address, such as http://localhost:4318")
		}
	}
	if p := cmp.Or(s.TracesProtocol, s.Protocol, spoken); p != spoken {
		problems = append(problems, fmt.Sprintf("OTEL_EXPORTER_OTLP_PROTOCOL: this program speaks %s, usually on port 4318, and not %s", spoken, p))
	}
	if e := cmp.Or(s.Exporter, "otlp"); e != "otlp" {
		problems = append(problems, "OTEL_TRACES_EXPORTER: write otlp or none")
	}
	if _, err := s.timeout(); err != nil {
		problems = append(problems, "OTEL_EXPORTER_OTLP_TIMEOUT: write milliseconds, such as 10000")
	}
	if _, err := s.headers(); err != nil {
		problems = append(problems, "OTEL_EXPORTER_OTLP_HEADERS: write name=value, separated by commas, other characters as %20 and the like")
	}
	return problems
}

// spoken is the one protocol that is.
const spoken = "http/protobuf"

// address is where spans are posted: to a path of their own, unless they have an
// address of their own.
func (s Settings) address() string {
	if s.TracesEndpoint != "" {
		return s.TracesEndpoint
	}
	return strings.TrimRight(s.Endpoint, "/") + "/v1/traces"
}

func (s Settings) timeout() (time.Duration, error) {
	ms, err := strconv.ParseUint(cmp.Or(s.TracesTimeout, s.Timeout, "10000"), 10, 31)
	if err != nil {
		return 0, fmt.Errorf("read a timeout: %w", err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

func (s Settings) headers() (http.Header, error) {
	h := http.Header{"Content-Type": {"application/x-protobuf"}, "User-Agent": {"fieldgate"}}
	for pair := range strings.SplitSeq(cmp.Or(s.TracesHeaders, s.Headers), ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !ok || err != nil || name == "" || strings.ContainsAny(name+value, "\r\n\x00") || strings.ContainsAny(name, " :") {
			return nil, fmt.Errorf("not a header: %q", name)
		}
		h.Set(name, value)
	}
	return h, nil
}
