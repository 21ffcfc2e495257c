package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// client calls an API, and again when it is busy, broken, or cut short.
type client struct {
	base   string
	header http.Header
	pause  func(context.Context, time.Duration) error
	http   *http.Client
}

const (
	attempts  = 8
	patience  = 2 * time.Minute // for one answer
	firstWait = 500 * time.Millisecond
	longest   = time.Minute // between two attempts, unless we are told to wait for longer
	largest   = 300 << 20   // of an answer
)

// refusal is an answer that will not be another one next time.
type refusal struct {
	what   string
	status int
	body   []byte
}

func (r refusal) Error() string {
	return fmt.Sprintf("%s: %d %.500s", r.what, r.status, bytes.TrimSpace(r.body))
}

// is reports whether err is a refusal with a status.
func is(err error, status int) bool {
	r, ok := errors.AsType[refusal](err)
	return ok && r.status == status
}

// answer is what came whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) into(v any) error {
	if err := json.Unmarshal(a.body, v); err != nil {
		return fmt.Errorf("an answer that is not what was promised: %w", err)
	}
	return nil
}

// call asks until there is an answer. What is sent has to be such that sending it
// twice does no harm.
func (c client) call(ctx context.Context, method, path string, body []byte, headers ...string) (a answer, err error) {
	for attempt := range attempts {
		var hold time.Duration
		if a, hold, err = c.once(ctx, method, path, body, headers...); err == nil || ctx.Err() != nil {
			return a, err
		}
		if _, final := errors.AsType[refusal](err); final {
			return a, err
		}
		if attempt == attempts-1 {
			break
		}
		if hold == 0 {
			hold = min(firstWait<<attempt, longest)
			hold = hold/2 + rand.N(hold) //nolint:gosec // so that not all come back at the same moment
		}
		if err := c.pause(ctx, hold); err != nil {
			return a, err
		}
	}
	return a, err
}

// once asks once. hold is how long we are told to wait.
func (c client) once(ctx context.Context, method, path string, body []byte, headers ...string) (a answer, hold time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return a, 0, err //nolint:wrapcheck // says which address
	}
	for name, values := range c.header {
		r.Header[name] = values
	}
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	hc := c.http
	if hc == nil {
		hc = http.DefaultClient
	}
	res, err := hc.Do(r)
	if err != nil {
		return a, 0, err //nolint:wrapcheck // says which address
	}
	defer res.Body.Close()
	a.status, a.header = res.StatusCode, res.Header
	if a.body, err = io.ReadAll(io.LimitReader(res.Body, largest)); err != nil {
		return a, 0, fmt.Errorf("%s %s: half an answer: %w", method, path, err)
	}
	switch {
	case res.StatusCode < 300:
		return a, 0, nil
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500 || res.StatusCode == http.StatusRequestTimeout || inProgress(a):
		return a, retryAfter(res.Header.Get("Retry-After")), fmt.Errorf("%s %s: %d", method, path, res.StatusCode)
	}
	return a, 0, refusal{method + " " + path, res.StatusCode, a.body}
}

// inProgress says that the same request is being answered right now.
func inProgress(a answer) bool {
	return a.status == http.StatusConflict && a.header.Get("Retry-After") != ""
}

// retryAfter is how long a header says to wait: seconds, or a moment.
func retryAfter(value string) time.Duration {
	if seconds, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && seconds > 0 {
		return min(time.Duration(seconds)*time.Second, time.Hour)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(time.Until(at), 0), time.Hour)
	}
	return 0
}
