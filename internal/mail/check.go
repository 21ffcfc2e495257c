package mail

import "context"

// Check connects, encrypts and signs in as Deliver does, and parts without
// having sent anything. Its error is one of Deliver's.
func (m *Mailer) Check(ctx context.Context) error {
	conn, client, err := m.dial(ctx)
	if err != nil {
		return failure(err, Connecting)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	_ = client.Quit()
	return nil
}
