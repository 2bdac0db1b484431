package org.halvs.ipvs.sync;

/**
 * What synchronisation did since the director started.
 *
 * @param told records of connections put out to be sent, without those of full copies
 * @param dropped of these, given up because too many waited
 * @param copied records of full copies
 * @param learnt connections and templates made here because another director told of them
 * @param renewed those already known that were brought up to date
 * @param ignored those of services this director serves itself, and others that say nothing new
 * @param refused records that could not be read or had no room in the table
 */
public record SyncCounters(
        long told, long dropped, long copied, long learnt, long renewed, long ignored, long refused) {
    public static final SyncCounters NONE = new SyncCounters(0, 0, 0, 0, 0, 0, 0);
}
