package turns

import "net/netip"

// Network is what tells one visitor's turns from another's: the address; of IPv6
// the network, since whoever has one has all addresses of its /64.
func Network(address netip.Addr) netip.Addr {
	address = address.Unmap().WithZone("")
	if !address.Is6() {
		return address
	}
	network, _ := address.Prefix(64) // fails for other bits only
	return network.Addr()
}
