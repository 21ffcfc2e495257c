package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// portal is Fieldgate's API: see /api of any installation.
type portal struct{ client }

// source is under which the portal keeps ServiceM8's ids. The token has to be
// made for it.
const source = "servicem8"

// line is a line of a bulk.
type line struct {
	Kind     string         `json:"kind"`
	External string         `json:"external"`
	Record   map[string]any `json:"record"`
}

// became is what became of one.
type became struct {
	Line   int    `json:"line"`
	State  string `json:"state"`
	ID     string `json:"id"`
	Errors []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"errors"`
}

func (b became) why() string {
	var all []string
	for _, e := range b.Errors {
		all = append(all, strings.TrimSpace(e.Field+": "+e.Message))
	}
	return strings.Join(all, "; ")
}

// most is how many lines are sent at once.
const most = 500

// bulk brings things in, and calls refused for those that the portal does not take.
func (p portal) bulk(ctx context.Context, lines []line, refused func(line, string)) error {
	for len(lines) > 0 {
		some := lines[:min(most, len(lines))]
		var body bytes.Buffer
		for _, l := range some {
			text, err := json.Marshal(l)
			if err != nil {
				return err //nolint:wrapcheck // texts are always written
			}
			body.Write(append(text, '\n'))
		}
		a, err := p.call(ctx, http.MethodPost, "/bulk", body.Bytes(), "Content-Type", "application/x-ndjson")
		if err != nil {
			return err
		}
		done := 0
		for text := range bytes.Lines(a.body) {
			var b became
			if err := json.Unmarshal(text, &b); err != nil || b.Line < 1 || b.Line > len(some) {
				break // the answer was cut off: what is behind it comes again
			}
			if b.State == "failed" {
				break
			}
			if b.State == "refused" {
				refused(some[b.Line-1], b.why())
			}
			done = b.Line
		}
		if done == 0 {
			return errors.New("the portal took none of the lines")
		}
		lines = lines[done:]
	}
	return nil
}

// put creates or changes one thing by its id in ServiceM8.
func (p portal) put(ctx context.Context, kind, uuid string, record map[string]any) error {
	body, err := json.Marshal(record)
	if err != nil {
		return err //nolint:wrapcheck // texts are always written
	}
	_, err = p.call(ctx, http.MethodPut, "/"+kind+"/by-external/"+source+"/"+url.PathEscape(uuid), body)
	return err
}

// known is a record as far as this looks at it.
type known struct {
	ID            string     `json:"id"`
	Number        string     `json:"number"`
	Name          string     `json:"name"`
	Customer      string     `json:"customer"`
	Description   string     `json:"description"`
	Status        string     `json:"status"`
	PurchaseOrder string     `json:"purchase_order"`
	ExternalIDs   []external `json:"external_ids"`
}

type external struct {
	Source string `json:"source"`
	ID     string `json:"id"`
}

// uuid is the id in ServiceM8, "" for none.
func (k known) uuid() string { return uuidOf(k.ExternalIDs) }

func uuidOf(all []external) string {
	for _, e := range all {
		if e.Source == source {
			return e.ID
		}
	}
	return ""
}

// read reads one thing by its id, or by external/source/id.
func (p portal) read(ctx context.Context, kind, id string) (k known, err error) {
	a, err := p.call(ctx, http.MethodGet, "/"+kind+"/"+id, nil)
	if err != nil {
		return k, err
	}
	return k, a.into(&k)
}

// at is the record of a job of ServiceM8: a job, or else a quote; "" for none.
func (p portal) at(ctx context.Context, uuid string) (path string, err error) {
	for _, kind := range []string{"jobs", "quotes"} {
		k, err := p.read(ctx, kind, "by-external/"+source+"/"+url.PathEscape(uuid))
		if err == nil {
			return "/" + kind + "/" + url.PathEscape(k.ID), nil
		}
		if !is(err, http.StatusNotFound) {
			return "", err
		}
	}
	return "", nil
}

// addFile adds a file to a record; the same bytes stay one file.
func (p portal) addFile(ctx context.Context, record, name string, content []byte) error {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part := w.WriteField("sha256", fmt.Sprintf("%x", sha256.Sum256(content)))
	file, err := w.CreateFormFile("file", name)
	if err = errors.Join(part, err); err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	_, err = p.call(ctx, http.MethodPost, record+"/files", body.Bytes(), "Content-Type", w.FormDataContentType())
	return err
}

// event is what a customer did.
type event struct {
	ID     string    `json:"id"`
	Number int64     `json:"number"`
	Kind   string    `json:"type"`
	At     time.Time `json:"timestamp"`
	Data   struct {
		Customer struct {
			Number string `json:"number"`
			Name   string `json:"name"`
		} `json:"customer"`
		Contact *struct {
			Name string `json:"name"`
		} `json:"contact"`
		Subject struct {
			Kind        string     `json:"kind"`
			Number      string     `json:"number"`
			ExternalIDs []external `json:"external_ids"`
		} `json:"subject"`
		Changes map[string]struct {
			After any `json:"after"`
		} `json:"changes"`
		Answer *struct {
			FullName      string `json:"full_name"`
			PurchaseOrder string `json:"purchase_order"`
			Reason        string `json:"reason"`
		} `json:"answer"`
		Visit *struct {
			Suits  bool   `json:"suits"`
			Reason string `json:"reason"`
		} `json:"visit"`
		Message *struct {
			Text string `json:"text"`
		} `json:"message"`
		Reason string `json:"reason"`
	} `json:"data"`
}

// who did it, by name.
func (e event) who() string {
	if e.Data.Contact != nil {
		return e.Data.Contact.Name
	}
	return e.Data.Customer.Name
}

type feed struct {
	Events []event `json:"events"`
	Next   int64   `json:"next"`
	More   bool    `json:"more"`
	Missed bool    `json:"missed"`
}

// events are what customers did behind a number.
func (p portal) events(ctx context.Context, after int64) (f feed, err error) {
	a, err := p.call(ctx, http.MethodGet, fmt.Sprintf("/events?limit=100&after=%d", after), nil)
	if err != nil {
		return f, err
	}
	return f, a.into(&f)
}
