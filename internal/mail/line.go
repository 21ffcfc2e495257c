package mail

import (
	"net"
	"sync"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// line is a connection to the server, which has let us in. The connection stands
// beside the client, since it has to be closed whatever state the conversation is in.
type line struct {
	conn   net.Conn
	client *smtp.Client
	mails  int // that it was used for
	rests  *time.Timer
}

// A line waits for the next mail for a moment, since mails come several at once,
// and carries a bounded number of them: servers end those that stay for longer.
const (
	resting   = 2 * time.Second
	mostMails = 50
)

// idle are lines on which nothing is said at the moment.
type idle struct {
	mu    sync.Mutex
	lines []*line
}

// take returns a line that waits, nil if there is none.
func (i *idle) take() *line {
	i.mu.Lock()
	defer i.mu.Unlock()
	for len(i.lines) > 0 {
		last := len(i.lines) - 1
		l := i.lines[last]
		i.lines = i.lines[:last]
		if l.rests.Stop() {
			return l
		}
	}
	return nil
}

// put lets a line wait, and parts from the server when nobody takes it.
func (i *idle) put(l *line) {
	if l.mails >= mostMails {
		l.part()
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	l.rests = time.AfterFunc(resting, l.part)
	i.lines = append(i.lines, l)
}

// part ends the conversation. What has been taken is taken: what happens while
// parting changes nothing.
func (l *line) part() {
	_ = l.client.UpdateDeadline(5 * time.Second)
	_ = l.client.Quit()
	_ = l.conn.Close()
}
