package web

import (
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/go-chi/chi/v5"
	"github.com/klauspost/compress/gzip"

	"fieldgate/static"
)

// asGet answers a HEAD as the GET of the same address; the server leaves the body out.
func asGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			route := chi.RouteContext(r.Context())
			path := r.URL.Path
			if r.URL.RawPath != "" {
				path = r.URL.RawPath
			}
			if !route.Routes.Match(chi.NewRouteContext(), http.MethodHead, path) {
				route.RouteMethod, route.RoutePath = http.MethodGet, path
			}
		}
		next.ServeHTTP(w, r)
	})
}

// compressed packs pages and JSON on their way, at the level that costs least:
// packing would else be most of what a page costs. What lies in static comes packed.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := &packing{ResponseWriter: w, taken: static.Accepts(r, "gzip")}
		next.ServeHTTP(p, r)
		p.end()
	})
}

// packers are kept from one answer to the next: each is a quarter of a megabyte.
var packers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // fails for unknown levels only
	return z
}}

// packing is an answer that goes packed when its header says what can be.
type packing struct {
	http.ResponseWriter
	taken  bool // by the browser
	begun  bool
	packer *gzip.Writer // nil when the answer goes as it is
}

// WriteHeader decides, by what kind of answer it is.
func (p *packing) WriteHeader(status int) {
	if p.begun || status < http.StatusOK {
		p.ResponseWriter.WriteHeader(status)
		return
	}
	p.begun = true
	h := p.Header()
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if (kind == "text/html" || kind == "application/json") && h.Get("Content-Encoding") == "" && status != http.StatusNoContent && status != http.StatusNotModified {
		h.Add("Vary", "Accept-Encoding")
		if p.taken {
			h.Set("Content-Encoding", "gzip")
			h.Del("Content-Length")
			p.packer, _ = packers.Get().(*gzip.Writer)
			p.packer.Reset(p.ResponseWriter)
		}
	}
	p.ResponseWriter.WriteHeader(status)
}

// Write packs what is to be packed.
func (p *packing) Write(data []byte) (int, error) {
	if !p.begun {
		if p.Header().Get("Content-Type") == "" {
			p.Header().Set("Content-Type", http.DetectContentType(data))
		}
		p.WriteHeader(http.StatusOK)
	}
	if p.packer != nil {
		return p.packer.Write(data)
	}
	return p.ResponseWriter.Write(data)
}

// FlushError sends what there is.
func (p *packing) FlushError() error {
	if p.packer != nil {
		if err := p.packer.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(p.ResponseWriter).Flush()
}

// Unwrap lets deadlines be set.
func (p *packing) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// end completes the answer. After a panic there is none to complete.
func (p *packing) end() {
	if p.packer == nil {
		return
	}
	_ = p.packer.Close() // the reader has gone; nobody is left to tell
	p.packer.Reset(io.Discard)
	packers.Put(p.packer)
}

// answered notes how a request was answered.
type answered struct {
	http.ResponseWriter
	status int
	bytes  int
}

// WriteHeader notes the status.
func (a *answered) WriteHeader(status int) {
	if a.status < http.StatusOK {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (a *answered) Write(data []byte) (int, error) {
	if a.status < http.StatusOK {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(data)
	a.bytes += n
	return n, err
}

// Unwrap lets deadlines be set and answers be flushed.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }
