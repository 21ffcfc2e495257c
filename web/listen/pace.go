package listen

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// pace is the time that somebody has for the next bytes: the grace, less what
// was waited for, more for each byte that came. Who gets on has as long as it
// takes; who trickles is cut off when the grace is used up.
type pace struct {
	left, grace, perByte time.Duration
}

func newPace(l Limits) pace {
	return pace{left: l.Grace, grace: l.Grace, perByte: time.Second / time.Duration(l.Slowest)}
}

func (p *pace) used(waited time.Duration, bytes int) {
	p.left = min(p.grace, p.left-waited+time.Duration(bytes)*p.perByte)
}

// body is what is sent to us, at a pace. Only waiting for the sender counts.
type body struct {
	io.ReadCloser
	deadline *http.ResponseController
	pace     pace
}

func (b *body) Read(into []byte) (int, error) {
	begun := time.Now()
	_ = b.deadline.SetReadDeadline(begun.Add(b.pace.left)) // tests have writers without one
	n, err := b.ReadCloser.Read(into)
	b.pace.used(time.Since(begun), n)
	return n, err
}

// piece is how much is written before the time for it is looked at again.
const piece = 16 << 10

// Write sends at a pace: a reader that does not read is cut off.
func (c *conn) Write(b []byte) (written int, err error) {
	for len(b) > 0 && err == nil {
		begun := time.Now()
		if err = c.SetWriteDeadline(begun.Add(c.pace.left)); err != nil {
			return written, err
		}
		var n int
		n, err = c.TCPConn.Write(b[:min(piece, len(b))])
		c.pace.used(time.Since(begun), n)
		written, b = written+n, b[n:]
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		_ = c.SetLinger(0) // else the system keeps what was not read, and asks for minutes whether it may send it
	}
	return written, err
}

// ReadFrom keeps what is sent from a file within Write.
func (c *conn) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{c}, r)
}

// CloseWrite is called before the connection of a form is closed that was not
// read to its end. Browsers read the answer only once they have sent all of it,
// and what arrives on a closed connection resets it: so the rest is taken, within
// bounds, and thrown away.
func (c *conn) CloseWrite() error {
	err := c.TCPConn.CloseWrite()
	if l := c.crowd.limits; err == nil && l.Linger > 0 {
		_ = c.SetReadDeadline(time.Now().Add(l.Linger))
		_, _ = io.CopyN(io.Discard, c.TCPConn, l.LingerBytes) // however it ends, the connection is closed
	}
	return err
}

var _ net.Conn = (*conn)(nil)
