package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"fieldgate/internal/token"
	"fieldgate/web/page"
)

// longestKey is how long an Idempotency-Key may be.
const longestKey = 255

// kept are the headers that belong to an answer given once more.
var kept = []string{"Content-Type", "Location", "ETag"}

// once has a request that carries a key done once: the same request is answered
// with what was answered before, for token.AnswerLife.
func (a *API) once(h huma.Context, r *http.Request, c *call, key string, next func(huma.Context)) {
	if len(key) > longestKey || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) {
		page.NewProblem(r, "invalid", "", page.FieldProblem{Field: "Idempotency-Key", Message: "Use up to 255 plain characters."}).Write(c.w)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		page.Fail(c.w, r, err)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	id := c.caller.Token.ID
	asked := token.Hash(strings.Join([]string{r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), string(body)}, "\n"))
	before, claimed, err := a.parts.Answers.Claim(r.Context(), id, key, asked)
	switch {
	case errors.Is(err, token.ErrOtherRequest):
		page.NewProblem(r, "key-reused", "").Write(c.w)
		return
	case errors.Is(err, token.ErrUnanswered):
		page.RetryAfter(c.w, time.Second)
		page.NewProblem(r, "in-progress", "").Write(c.w)
		return
	case err != nil:
		page.Fail(c.w, r, err)
		return
	case !claimed:
		for name, value := range before.Headers {
			c.w.Header().Set(name, value)
		}
		c.w.Header().Set("Idempotency-Replayed", "true")
		c.w.WriteHeader(before.Status)
		_, _ = c.w.Write(before.Body) // into memory
		return
	}
	c.nonce = fmt.Sprintf("api %d %x", id, token.Hash(key)[:16])
	answered := false
	defer func() {
		// Whoever has gone meanwhile asks again, and is answered.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 5*time.Second)
		defer cancel()
		if !answered || c.w.status >= http.StatusInternalServerError || c.w.status == http.StatusTooManyRequests {
			err = a.parts.Answers.Release(ctx, id, key)
		} else {
			given := token.Answer{Status: c.w.status, Headers: map[string]string{}, Body: c.w.body.Bytes()}
			for _, name := range kept {
				if value := c.w.Header().Get(name); value != "" {
					given.Headers[name] = value
				}
			}
			err = a.parts.Answers.Keep(ctx, id, key, given)
		}
		if err != nil {
			slog.WarnContext(ctx, "an answer was not kept", "request", page.RequestID(r), "error", err)
		}
	}()
	next(h)
	answered = true
}
