package org.halvs.ha.arbitration;

import java.util.ArrayList;
import java.util.List;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.address.AddressRequest;

/**
 * Who has a group?
 *
 * @param requests the addresses to ask for; a group without addresses has none
 * @param probe whether to ask for the addresses themselves besides the other daemons
 * @param patient whether nobody waits for the answer, as when a holder looks around: a daemon of a busy machine gets more time to answer
 */
public record ClaimQuestion(String group, List<AddressRequest> requests, boolean probe, boolean patient) {
    /**
     * Of more addresses than this only a sample is asked for: the addresses of a line live and die together. Whoever answers for none of the sample has not
     * the line.
     */
    static final int MOST_ADDRESSES = 16;

    public ClaimQuestion {
        requests = List.copyOf(requests);
    }

    /** A question about {@code group}: about all its addresses, or about 16 that are spread evenly over the line. */
    public static ClaimQuestion about(ResourceGroup group, boolean probe, boolean patient) {
        List<AddressRequest> all = AddressRequest.of(group);
        List<AddressRequest> sample = new ArrayList<>();
        int count = Math.min(MOST_ADDRESSES, all.size());
        for (int i = 0; i < count; i++) {
            sample.add(all.get((int) ((long) i * all.size() / count)));
        }
        return new ClaimQuestion(group.key(), sample, probe, patient);
    }
}
