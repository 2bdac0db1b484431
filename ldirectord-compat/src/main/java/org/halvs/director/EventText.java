package org.halvs.director;

/** The words ldirectord logs for an event, without its time stamp; our own words for events it did not have. */
public final class EventText {
    private EventText() {}

    /** One line, without a line end: {@code Quiescent real server: 127.0.0.2:80 (192.0.2.10:80) (Weight set to 0)}. */
    public static String logLine(DirectorEvent event) {
        String service = ServerName.ofService(event.service());
        return switch (event) {
            case DirectorEvent.VirtualAdded _ -> "Added virtual server: " + service;
            case DirectorEvent.VirtualChanged _ -> "Changed virtual server: " + service;
            case DirectorEvent.VirtualPurged purged ->
                "Purged virtual server (" + word(purged.occasion()) + "): " + service;
            case DirectorEvent.RealAdded added ->
                weighted("Added real server", added.server().configured(), service, added.weight());
            case DirectorEvent.RealRestored restored ->
                weighted("Restored real server", restored.server().mapped(), service, restored.weight());
            case DirectorEvent.RealWeightChanged changed ->
                weighted("Changed weight of real server", changed.server().mapped(), service, changed.weight());
            case DirectorEvent.RealQuiesced quiesced ->
                weighted("Quiescent real server", quiesced.server().mapped(), service, 0);
            case DirectorEvent.RealReadded readded ->
                weighted("Readd Quiescent real server", readded.server().mapped(), service, 0);
            case DirectorEvent.RealDeleted deleted ->
                "Deleted real server: " + deleted.server().mapped() + " (" + service + ")";
            case DirectorEvent.RealPurged purged ->
                "Purged real server (" + word(purged.occasion()) + "): "
                        + purged.server().listed() + " (" + service + ")";
            case DirectorEvent.FirstCheckFailed failed ->
                "Not up at first check: " + failed.server().configured() + " (" + service + ")";
            case DirectorEvent.SoftFailure soft ->
                "Soft failure real server: " + soft.server().configured() + " ("
                        + ServerName.idOfService(event.service()) + ") failure " + soft.failures() + "/" + soft.limit();
            case DirectorEvent.SoftFailureReset reset ->
                "Resetting soft failure count: " + reset.server().configured() + " ("
                        + ServerName.idOfService(event.service()) + ")";
            case DirectorEvent.FallbackAdded added ->
                weighted("Added fallback server", added.server().listed(), service, 1);
            case DirectorEvent.FallbackDeleted deleted ->
                "Deleted fallback server: " + deleted.server().listed() + " (" + service + ")";
            case DirectorEvent.RemovedByHand removed ->
                "Removed by hand, left out: " + removed.server().mapped() + " (" + service + ")";
        };
    }

    /** Why it happened; empty where the line says it all. */
    public static String reason(DirectorEvent event) {
        return switch (event) {
            case DirectorEvent.VirtualAdded _,
                    DirectorEvent.VirtualChanged _,
                    DirectorEvent.VirtualPurged _,
                    DirectorEvent.SoftFailureReset _ -> "";
            case DirectorEvent.RealAdded added -> added.reason();
            case DirectorEvent.RealRestored restored -> restored.reason();
            case DirectorEvent.RealWeightChanged changed -> changed.reason();
            case DirectorEvent.RealQuiesced quiesced -> quiesced.reason();
            case DirectorEvent.RealReadded readded -> readded.reason();
            case DirectorEvent.RealDeleted deleted -> deleted.reason();
            case DirectorEvent.RealPurged purged -> purged.reason();
            case DirectorEvent.FirstCheckFailed failed -> failed.reason();
            case DirectorEvent.SoftFailure soft -> soft.reason();
            case DirectorEvent.FallbackAdded added -> added.reason();
            case DirectorEvent.FallbackDeleted deleted -> deleted.reason();
            case DirectorEvent.RemovedByHand removed -> removed.reason();
        };
    }

    private static String weighted(String what, String server, String service, int weight) {
        return what + ": " + server + " (" + service + ") (Weight set to " + weight + ")";
    }

    private static String word(DirectorEvent.Occasion occasion) {
        return switch (occasion) {
            case START -> "start";
            case STOP -> "stop";
        };
    }
}
