package mail

import "context"

// Check connects, encrypts and signs in as Deliver does, and parts without
// having sent anything. Its error is one of Deliver's.
func (m *Mailer) Check(ctx context.Context) error {
	l, err := m.dial(ctx)
	if err != nil {
		return failure(err, Connecting)
	}
	defer func() { _ = l.conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = l.conn.Close() })()
	_ = l.client.Quit()
	return nil
}
