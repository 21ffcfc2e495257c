// Package push sends notifications to browsers that have asked for them (RFC
// 8030): which browsers those are, the portal's keys, and the sending. What is
// said to whom package notify decides.
package push

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/outbound"
)

// Urgency says how soon a phone in somebody's pocket is to be woken.
type Urgency string

// The urgencies.
const (
	Low    Urgency = "low"
	Normal Urgency = "normal"
	High   Urgency = "high"
)

// Message is what is sent to a device.
type Message struct {
	Text    []byte
	Life    time.Duration // how long the service keeps it for a phone that is off
	Urgency Urgency
	Topic   string // a later one of the same topic takes its place; 32 characters at most
}

// Outcome is what a service did with a message.
type Outcome string

// The outcomes. A device that is gone will never show anything again.
const (
	Taken Outcome = "taken"
	Gone  Outcome = "gone"
	Later Outcome = "later"
	Never Outcome = "never"
)

// Answer is what came of sending.
type Answer struct {
	Outcome
	Words string        // why not, without the address
	Pause time.Duration // how long the service asks to wait; 0 for not said
}

// Sender sends messages.
type Sender struct {
	Keys    Keys
	Client  *http.Client // outbound.Client but in tests
	Contact string       // whom services write to about what is sent: a https or mailto address
}

// Deadline is how long a service may take.
const Deadline = 10 * time.Second

// Longest pauses: what a service asks for is kept within them.
const (
	shortestPause = time.Second
	longestPause  = 6 * time.Hour
)

// Send sends a message to a device. An error is our own, and nothing was sent.
func (s Sender) Send(ctx context.Context, to Device, m Message) (Answer, error) {
	at, err := outbound.Check(to.Endpoint)
	if err != nil {
		return Answer{Outcome: Gone, Words: outbound.Words(err)}, nil
	}
	keys, err := s.Keys.read(ctx)
	if err != nil {
		return Answer{}, err
	}
	body, err := encrypt(m.Text, to.PublicKey, to.AuthSecret)
	if err != nil {
		return Answer{}, err
	}
	authorization, err := keys.authorization(at, s.Contact, time.Now())
	if err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.Endpoint, bytes.NewReader(body))
	if err != nil {
		return Answer{Outcome: Gone, Words: "the address cannot be called"}, nil
	}
	for name, value := range map[string]string{
		"Content-Type": "application/octet-stream", "Content-Encoding": "aes128gcm", "Authorization": authorization,
		"TTL": strconv.Itoa(int(m.Life.Seconds())), "Urgency": string(m.Urgency), "Topic": m.Topic,
	} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	res, err := s.Client.Do(r)
	if errors.Is(err, outbound.ErrPrivate) || errors.Is(err, outbound.ErrRedirect) {
		return Answer{Outcome: Never, Words: outbound.Words(err)}, nil
	}
	if err != nil {
		return Answer{Outcome: Later, Words: outbound.Words(err)}, nil
	}
	defer res.Body.Close()
	said, err := outbound.Body(res.Body, 4<<10)
	if err != nil {
		said = nil
	}
	return answerOf(res, said), nil
}

func answerOf(res *http.Response, said []byte) Answer {
	a := Answer{Outcome: Never, Words: strings.TrimSpace(fmt.Sprintf("the service answered %d %s", res.StatusCode, firstLine(said)))}
	switch code := res.StatusCode; {
	case code >= 200 && code < 300:
		return Answer{Outcome: Taken}
	case code == http.StatusNotFound, code == http.StatusGone:
		a.Outcome = Gone
	// It does not believe that it is us: when our clock is wrong, it says so of every device.
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusTooManyRequests, code >= 500:
		a.Outcome, a.Pause = Later, retryAfter(res.Header.Get("Retry-After"), time.Now())
	}
	return a
}

// firstLine is what a service says, bounded and clean. It may name no address.
func firstLine(said []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(string(said), "")), "\n")
	if strings.Contains(line, "://") || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) {
		return ""
	}
	if letters := []rune(line); len(letters) > 120 {
		line = string(letters[:120])
	}
	return line
}

// retryAfter reads the header of that name: seconds, or a moment.
func retryAfter(header string, now time.Time) time.Duration {
	if header == "" {
		return 0
	}
	pause := time.Duration(0)
	if seconds, err := strconv.Atoi(strings.TrimSpace(header)); err == nil {
		pause = time.Duration(min(max(seconds, 0), int(longestPause.Seconds()))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		pause = at.Sub(now)
	} else {
		return 0
	}
	return min(max(pause, shortestPause), longestPause)
}
