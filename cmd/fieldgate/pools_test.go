package main

import (
	"testing"

	"fieldgate/internal/config"
)

// The program never has more connections than it may, whoever says how many.
func TestConnections(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		config config.Config
		want   int32
	}{
		{config.Config{DatabaseURL: "postgres://a@b/c"}, defaultConnections},
		{config.Config{DatabaseURL: "postgres://a@b/c?pool_max_conns=40"}, 40},
		{config.Config{DatabaseURL: "postgres://a@b/c?pool_max_conns=4"}, config.MinConnections},
		{config.Config{DatabaseURL: "postgres://a@b/c?pool_max_conns=40", Connections: 12}, 12},
	} {
		if got := connections(tt.config); got != tt.want {
			t.Errorf("%+v: %d, not %d", tt.config, got, tt.want)
		}
		p, err := openPools(t.Context(), tt.config)
		if err != nil {
			t.Fatal(err)
		}
		// One more holds the lock of the queue.
		if all := p.pages.Config().MaxConns + p.work.Config().MaxConns + p.probe.Config().MaxConns + 1; all != tt.want {
			t.Errorf("%+v: %d connections", tt.config, all)
		}
		p.Close()
	}
}
